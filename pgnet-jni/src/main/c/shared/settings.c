/*
 * settings.c
 *		The settings of pg_net.*: their definitions and checks.
 */
#include "shared/settings.h"
#include "shared/compat.h"

#include <limits.h>

#include "datatype/timestamp.h"
#include "fmgr.h"
#include "guard/hosts.h"
#include "guard/networks.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

int pgnet_batch_size;
int pgnet_max_connections_per_host;
int pgnet_max_response_size_kb;
int pgnet_max_response_memory_kb;
int64 pgnet_ttl_micros;
char *pgnet_database_name;
char *pgnet_username;
char *pgnet_ca_bundle;
char *pgnet_allowed_hosts;
char *pgnet_denied_networks;
char *pgnet_proxy;
char *pgnet_libjvm;
char *pgnet_jvm_options;

static char *ttl_text;

/* Parses an interval without catalogues; false, with a message for the user, when it is none or negative. */
static bool
parse_ttl(const char *text, int64 *micros)
{
	MemoryContext caller = CurrentMemoryContext;
	volatile bool valid = true;

	PG_TRY();
	{
		Interval *span = DatumGetIntervalP(DirectFunctionCall3(
			interval_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));

		*micros =
			span->time + ((int64) span->day + (int64) span->month * DAYS_PER_MONTH) * USECS_PER_DAY;
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(caller);
		FlushErrorState();
		valid = false;
	}
	PG_END_TRY();

	if (!valid)
		GUC_check_errdetail("\"%s\" is not an interval.", text);
	else if (*micros < 0)
	{
		GUC_check_errdetail("The interval must not be negative.");
		valid = false;
	}
	return valid;
}

static bool
check_ttl(char **newval, void **extra, GucSource source)
{
	int64 micros = 0;
	int64 *kept;

	if (!parse_ttl(*newval, &micros))
		return false;
	kept = pgnet_guc_malloc(sizeof(int64));
	if (kept == NULL)
		return false;
	*kept = micros;
	*extra = kept;
	return true;
}

static void
assign_ttl(const char *newval, void *extra)
{
	pgnet_ttl_micros = *(int64 *) extra;
}

static bool
check_database_name(char **newval, void **extra, GucSource source)
{
	char *copy = pstrdup(*newval);
	List *names = NIL;
	bool valid = true;

	if (!SplitGUCList(copy, ',', &names))
	{
		GUC_check_errdetail("It must be names of databases, separated by commas.");
		valid = false;
	}
	for (int i = 0; valid && i < list_length(names); i++)
		for (int j = 0; j < i; j++)
			if (strcmp(list_nth(names, i), list_nth(names, j)) == 0)
			{
				GUC_check_errdetail("Database \"%s\" is named twice.", (char *) list_nth(names, i));
				valid = false;
			}
	list_free(names);
	pfree(copy);
	return valid;
}

/* The databases to be served, in the order of pg_net.database_name, as palloc'd strings. */
List *
pgnet_database_names(void)
{
	List *names = NIL;

	if (!SplitGUCList(pstrdup(pgnet_database_name), ',', &names))
		elog(ERROR, "invalid list syntax in pg_net.database_name");
	return names;
}

/* Splits pg_net.jvm_options at white space, as palloc'd strings. */
List *
pgnet_split_jvm_options(const char *options)
{
	List *split = NIL;
	char *copy = pstrdup(options);
	char *rest = copy;
	char *option;

	while ((option = strsep(&rest, " \t\n")) != NULL)
		if (*option != '\0')
			split = lappend(split, option);
	return split;
}

/* Refuses what would end the process, or take signals or the class path from the extension. */
static bool
check_jvm_options(char **newval, void **extra, GucSource source)
{
	static const char *const refused[] = {
		"-XX:+ExitOnOutOfMemoryError",
		"-XX:+CrashOnOutOfMemoryError",
		"-XX:OnError",
		"-XX:OnOutOfMemoryError",
		"-XX:+ShowMessageBoxOnError",
		"-XX:AbortVMOn",
		"-Xlog:help",
		"-Xlog::help",
		"-XX:+AllowUserSignalHandlers",
		"-Djava.class.path",
		"-Xdebug",
		"-agentlib",
		"-agentpath",
		"-javaagent",
		"-Xrun",
		"-XX:Flags=",
		"-XX:VMOptionsFile",
		"exit",
		"abort",
		"vfprintf",
		"-version",
		"-help",
		"-?",
		"-X:",
		"-XX:ArchiveClassesAtExit",
		"-Xshare:dump",
	};
	List *options = pgnet_split_jvm_options(*newval);
	ListCell *cell;

	foreach (cell, options)
	{
		const char *option = lfirst(cell);

		for (int i = 0; i < lengthof(refused); i++)
			if (strncmp(option, refused[i], strlen(refused[i])) == 0)
			{
				GUC_check_errdetail("The option \"%s\" is not allowed in the server's process.",
									option);
				return false;
			}
		if (option[0] != '-')
		{
			GUC_check_errdetail("\"%s\" is not an option of the JVM.", option);
			return false;
		}
	}
	return true;
}

static bool
check_allowed_hosts(char **newval, void **extra, GucSource source)
{
	const char *bad;
	size_t bad_length;

	if (pgnet_hosts_valid(*newval, &bad, &bad_length))
		return true;
	GUC_check_errdetail("\"%.*s\" is not a pattern of hosts.", (int) bad_length, bad);
	GUC_check_errhint("A pattern is a host's name in ASCII, *.name for all names below it, "
					  "an address without a port, or * for all hosts.");
	return false;
}

static bool
check_denied_networks(char **newval, void **extra, GucSource source)
{
	const char *bad;
	size_t bad_length;

	if (pgnet_networks_parse(*newval, NULL, 0, &bad, &bad_length) >= 0)
		return true;
	GUC_check_errdetail("\"%.*s\" is not a network.", (int) bad_length, bad);
	GUC_check_errhint("A network is written as in 10.0.0.0/8 or fe80::/10; "
					  "the bits after its prefix are 0.");
	return false;
}

/* Only the scheme: libcurl tells what else is wrong when it uses the proxy. The value may hold a password. */
static bool
check_proxy(char **newval, void **extra, GucSource source)
{
	static const char *const schemes[] = {"http://",    "https://",  "socks4://",
										  "socks4a://", "socks5://", "socks5h://"};

	if (**newval == '\0')
		return true;
	for (int i = 0; i < lengthof(schemes); i++)
		if (pg_strncasecmp(*newval, schemes[i], strlen(schemes[i])) == 0)
			return true;
	GUC_check_errdetail("A proxy begins with http://, https://, socks4://, socks4a://, socks5:// "
						"or socks5h://.");
	return false;
}

/* Defines every setting. Called once, while the server preloads its libraries. */
void
pgnet_define_settings(void)
{
	DefineCustomIntVariable(
		"pg_net.batch_size", "Most requests in flight at once, per worker.",
		"0 queues requests but sends none: start a restored copy of a cluster so.",
		&pgnet_batch_size, 200, 0, PG_INT16_MAX, PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomIntVariable(
		"pg_net.max_connections_per_host", "Most requests in flight to one host and port.", NULL,
		&pgnet_max_connections_per_host, 64, 1, PG_INT16_MAX, PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomIntVariable(
		"pg_net.max_response_size",
		"Largest response body that is kept; a larger response is an error row.", NULL,
		&pgnet_max_response_size_kb, 64 * 1024, 1, 256 * 1024, PGC_SIGHUP, GUC_UNIT_KB, NULL, NULL,
		NULL);
	DefineCustomIntVariable(
		"pg_net.max_response_memory",
		"Memory for response bodies of more than 1 MB, or less when many come at once, per worker; "
		"what finds none waits.",
		"The wait does not count towards the timeout.", &pgnet_max_response_memory_kb, 256 * 1024,
		1024, MAX_KILOBYTES, PGC_SIGHUP, GUC_UNIT_KB, NULL, NULL, NULL);
	DefineCustomStringVariable("pg_net.ttl", "How long responses are kept: any interval.", NULL,
							   &ttl_text, "6 hours", PGC_SIGHUP, 0, check_ttl, assign_ttl, NULL);
	DefineCustomStringVariable(
		"pg_net.database_name", "Names of the databases that are served, separated by commas.",
		"One worker each. A changed name needs net.worker_restart(), a longer list a restart of "
		"the server.",
		&pgnet_database_name, "postgres", PGC_SIGHUP, 0, check_database_name, NULL, NULL);
	DefineCustomStringVariable(
		"pg_net.username", "Role that the worker connects as; empty for the bootstrap superuser.",
		"A change needs net.worker_restart().", &pgnet_username, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY,
		NULL, NULL, NULL);
	DefineCustomStringVariable(
		"pg_net.ca_bundle", "File of CA certificates in PEM format; empty for the system's.", NULL,
		&pgnet_ca_bundle, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
	DefineCustomStringVariable(
		"pg_net.allowed_hosts", "Hosts that may be called: patterns separated by commas.",
		"* is every host, *.example.com every name below example.com; else a name or an address. "
		"Checked when a request is made and before each hop.",
		&pgnet_allowed_hosts, "*", PGC_SIGHUP, GUC_SUPERUSER_ONLY, check_allowed_hosts, NULL, NULL);
	DefineCustomStringVariable(
		"pg_net.denied_networks",
		"Networks that no connection may lead to, in CIDR notation, separated by commas.",
		"Checked on the address that is really connected to. While it is not empty, the "
		"environment's proxies are ignored.",
		&pgnet_denied_networks, "169.254.0.0/16, fe80::/10", PGC_SIGHUP, GUC_SUPERUSER_ONLY,
		check_denied_networks, NULL, NULL);
	DefineCustomStringVariable(
		"pg_net.proxy",
		"URL of a proxy for all requests; empty for those that the environment names.",
		"Needs an empty pg_net.denied_networks, which a proxy would bypass: with both, nothing is "
		"sent.",
		&pgnet_proxy, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, check_proxy, NULL, NULL);
	DefineCustomStringVariable(
		"pg_net.libjvm", "Path of the libjvm.so of a Java runtime, version 17 or later.", NULL,
		&pgnet_libjvm, PGNET_DEFAULT_LIBJVM, PGC_POSTMASTER, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
	DefineCustomStringVariable("pg_net.jvm_options",
							   "Further options of the worker's JVM, separated by white space.",
							   NULL, &pgnet_jvm_options, "", PGC_POSTMASTER, GUC_SUPERUSER_ONLY,
							   check_jvm_options, NULL, NULL);
	MarkGUCPrefixReserved("pg_net");
}
