/*
 * setting_texts.c
 *		What the texts of settings mean: their checks, and the lists in them.
 */
#include "shared/setting_texts.h"
#include "shared/compat.h"
#include "shared/settings.h"

#include "common/int.h"
#include "datatype/timestamp.h"
#include "fmgr.h"
#include "guard/hosts.h"
#include "guard/networks.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

/* Its microseconds, and the longest when they are more than an int64 holds. */
static int64
micros_of(const Interval *span)
{
	int64 days = span->day + (int64) span->month * DAYS_PER_MONTH;
	int64 micros;

	if (pg_mul_s64_overflow(days, USECS_PER_DAY, &micros) ||
		pg_add_s64_overflow(micros, span->time, &micros))
		return days < 0 ? PG_INT64_MIN : PG_INT64_MAX;
	return micros;
}

/* Parses an interval without catalogues; false, with a message for the user, when it is none or negative. */
static bool
parse_interval(const char *text, int64 *micros)
{
	MemoryContext caller = CurrentMemoryContext;
	volatile bool valid = true;

	PG_TRY();
	{
		Interval *span = DatumGetIntervalP(DirectFunctionCall3(
			interval_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));

		*micros = micros_of(span);
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

/* An interval that is not negative; its microseconds, an int64, go to the assign hook as extra. */
bool
pgnet_check_interval(char **newval, void **extra, GucSource source)
{
	int64 micros = 0;
	int64 *kept;

	if (!parse_interval(*newval, &micros))
		return false;
	kept = pgnet_guc_malloc(sizeof(int64));
	if (kept == NULL)
		return false;
	*kept = micros;
	*extra = kept;
	return true;
}

/* Names of databases, none twice. */
bool
pgnet_check_database_name(char **newval, void **extra, GucSource source)
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

/*
 * The names in pg_net.database_name, in their order; all tells whether * is among them, which is no name. They are parts of one
 * palloc'd string.
 */
List *
pgnet_database_names(bool *all)
{
	List *names = NIL;
	ListCell *cell;

	if (!SplitGUCList(pstrdup(pgnet_database_name), ',', &names))
		elog(ERROR, "invalid list syntax in pg_net.database_name");
	*all = false;
	foreach (cell, names)
		if (strcmp(lfirst(cell), "*") == 0)
		{
			*all = true;
			names = foreach_delete_current(names, cell);
		}
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
bool
pgnet_check_jvm_options(char **newval, void **extra, GucSource source)
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

/* Patterns of hosts. */
bool
pgnet_check_allowed_hosts(char **newval, void **extra, GucSource source)
{
	const char *bad;
	size_t bad_length;

	if (pgnet_hosts_valid(*newval, &bad, &bad_length))
		return true;
	GUC_check_errdetail("\"%.*s\" is not a host pattern.", (int) bad_length, bad);
	GUC_check_errhint("A pattern is a host's name in ASCII, *.name for all names below it, "
					  "an address without a port, or * for all hosts.");
	return false;
}

/* Networks in CIDR notation. */
bool
pgnet_check_denied_networks(char **newval, void **extra, GucSource source)
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
bool
pgnet_check_proxy(char **newval, void **extra, GucSource source)
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
