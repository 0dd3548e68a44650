/*
 * settings.c
 *		The table of the settings of pg_net.*. A new one is a line here, its use, which in Java is by name, and a line in
 *		docs/reference.md, which ReferenceIT writes.
 */
#include "shared/settings.h"
#include "shared/callback_processes.h"
#include "shared/mark.h"
#include "shared/metadata_networks.h"
#include "shared/setting_texts.h"

#include <limits.h>

#include "utils/guc.h"

typedef enum SettingKind
{
	SETTING_COUNT,     /* a number without a unit */
	SETTING_KILOBYTES, /* with a unit of memory; the worker gets bytes */
	SETTING_INTERVAL,  /* the worker gets microseconds */
	SETTING_SWITCH,    /* on or off; the worker gets none of them */
	SETTING_TEXT
} SettingKind;

typedef struct Setting
{
	const char *name;
	const char *description;
	const char *detail; /* NULL for none */
	SettingKind kind;
	GucContext context;
	int flags;
	bool for_worker; /* its Java side gets the value */

	/* a number's, and where C reads it, NULL when C does not */
	int initial;
	int least;
	int most;
	int *number;

	/* a text's */
	const char *initial_text;
	char **text;
	GucStringCheckHook check;

	/* an interval's, whose hook stores the microseconds there */
	int64 *micros;
	GucStringAssignHook assign;

	/* the value, when C reads it nowhere else */
	int kept_number;
	bool kept_switch;
	char *kept_text;
} Setting;

char *pgnet_database_name;
char *pgnet_username;
int pgnet_idle_stop;
int pgnet_callback_workers;
int pgnet_callback_timeout;
char *pgnet_allowed_hosts;
char *pgnet_default_policy;
char *pgnet_libjvm;
char *pgnet_jvm_options;
int64 pgnet_dead_letter_ttl_micros;

static int64 ttl_micros;
static int64 attempt_ttl_micros;

/* Takes the microseconds from pgnet_check_interval(). */
static void
assign_ttl(const char *newval, void *extra)
{
	ttl_micros = *(int64 *) extra;
}

/* The same for attempts. */
static void
assign_attempt_ttl(const char *newval, void *extra)
{
	attempt_ttl_micros = *(int64 *) extra;
}

/* The same for dead letters. */
static void
assign_dead_letter_ttl(const char *newval, void *extra)
{
	pgnet_dead_letter_ttl_micros = *(int64 *) extra;
}

static Setting settings[] = {
	{
		.name = "pg_net.batch_size",
		.description = "Maximum number of requests in flight at once, per worker.",
		.detail =
			"If one role has taken all, other roles have an eighth more. 0 queues requests but "
			"sends none: start a restored copy of a cluster this way.",
		.kind = SETTING_COUNT,
		.context = PGC_SIGHUP,
		.for_worker = true,
		.initial = 200,
		.least = 0,
		.most = PG_INT16_MAX,
	},
	{
		.name = "pg_net.max_connections_per_host",
		.description = "Maximum number of requests in flight to one host and port.",
		.detail = "If one role has taken all, other roles have an eighth more.",
		.kind = SETTING_COUNT,
		.context = PGC_SIGHUP,
		.for_worker = true,
		.initial = 64,
		.least = 1,
		.most = PG_INT16_MAX,
	},
	{
		.name = "pg_net.max_response_size",
		.description =
			"Largest response body that is kept; a larger response becomes an error row.",
		.kind = SETTING_KILOBYTES,
		.context = PGC_SIGHUP,
		.for_worker = true,
		.initial = 64 * 1024,
		.least = 1,
		.most = 256 * 1024,
	},
	{
		.name = "pg_net.max_response_memory",
		.description =
			"Memory for response bodies of more than 1 MB, or less when many come at once, per "
			"worker; more responses wait.",
		.detail =
			"The wait does not count towards the timeout. It ends in an error row after 20 s in "
			"which none is released, or 300 s in all.",
		.kind = SETTING_KILOBYTES,
		.context = PGC_SIGHUP,
		.for_worker = true,
		.initial = 256 * 1024,
		.least = 1024,
		.most = MAX_KILOBYTES,
	},
	{
		.name = "pg_net.ttl",
		.description = "How long responses are kept: any interval.",
		.kind = SETTING_INTERVAL,
		.context = PGC_SIGHUP,
		.for_worker = true,
		.initial_text = "6 hours",
		.micros = &ttl_micros,
		.assign = assign_ttl,
	},
	{
		.name = "pg_net.attempt_ttl",
		.description = "How long the history of attempts is kept: any interval.",
		.kind = SETTING_INTERVAL,
		.context = PGC_SIGHUP,
		.for_worker = true,
		.initial_text = "7 days",
		.micros = &attempt_ttl_micros,
		.assign = assign_attempt_ttl,
	},
	{
		.name = "pg_net.dead_letter_ttl",
		.description = "How long dead letters are kept: any interval.",
		.detail = "Responses whose on_response function kept failing are kept as long.",
		.kind = SETTING_INTERVAL,
		.context = PGC_SIGHUP,
		.for_worker = true,
		.initial_text = "7 days",
		.micros = &pgnet_dead_letter_ttl_micros,
		.assign = assign_dead_letter_ttl,
	},
	{
		.name = "pg_net.default_policy",
		.description = "Policy of requests that name none, one of net.policies; empty for none.",
		.detail = "Stored with each request at the call. Set it for a role, a database or a "
				  "function.",
		.kind = SETTING_TEXT,
		.context = PGC_USERSET,
		.initial_text = "",
		.text = &pgnet_default_policy,
	},
	{
		.name = "pg_net.database_name",
		.description = "Names of the databases to serve, separated by commas; * for all "
					   "that have the extension.",
		.detail =
			"Each has its own worker. The workers and the launcher that starts them count towards "
			"max_worker_processes.",
		.kind = SETTING_TEXT,
		.context = PGC_SIGHUP,
		.initial_text = "postgres",
		.text = &pgnet_database_name,
		.check = pgnet_check_database_name,
	},
	{
		.name = "pg_net.idle_stop",
		.description = "How long an idle worker stays; 0 is for ever.",
		.detail = "-1 is 5 minutes in a database that * stands for, and for ever in one that is "
				  "named. The "
				  "next request starts the worker again.",
		.kind = SETTING_COUNT,
		.context = PGC_SIGHUP,
		.flags = GUC_UNIT_S,
		.initial = IDLE_STOP_BY_LIST,
		.least = IDLE_STOP_BY_LIST,
		.most = INT_MAX / 1000,
		.number = &pgnet_idle_stop,
	},
	{
		.name = "pg_net.callback_workers",
		.description =
			"Maximum number of processes that call functions of on_response at once; 0 calls none.",
		.detail =
			"They run while there is something to call, and count towards max_worker_processes.",
		.kind = SETTING_COUNT,
		.context = PGC_SIGHUP,
		.initial = 2,
		.least = 0,
		.most = PGNET_MAX_CALLBACK_PROCESSES,
		.number = &pgnet_callback_workers,
	},
	{
		.name = "pg_net.callback_timeout",
		.description = "How long a function of on_response may run before it is cancelled.",
		.detail = "If it does not end then, its process is ended 5 s later.",
		.kind = SETTING_COUNT,
		.context = PGC_SIGHUP,
		.flags = GUC_UNIT_S,
		.initial = 30,
		.least = 1,
		.most = 86400,
		.number = &pgnet_callback_timeout,
	},
	{
		.name = PGNET_MARK,
		.description = "Whether * in pg_net.database_name stands for a database.",
		.detail = "CREATE EXTENSION sets it for its database, as ALTER DATABASE does. It has no "
				  "effect elsewhere.",
		.kind = SETTING_SWITCH,
		.context = PGC_SUSET,
		.flags = GUC_DISALLOW_IN_FILE,
	},
	{
		.name = "pg_net.username",
		.description = "Role that the worker connects as; empty for the bootstrap superuser.",
		.detail = "A change needs net.worker_restart().",
		.kind = SETTING_TEXT,
		.context = PGC_SIGHUP,
		.initial_text = "",
		.text = &pgnet_username,
	},
	{
		.name = "pg_net.ca_bundle",
		.description = "File of CA certificates in PEM format; empty for the system's.",
		.kind = SETTING_TEXT,
		.context = PGC_SIGHUP,
		.flags = GUC_SUPERUSER_ONLY,
		.for_worker = true,
		.initial_text = "",
	},
	{
		.name = "pg_net.secrets_directory",
		.description = "Directory of the files that hold values of secrets; empty for none.",
		.detail = "For secrets of containers and systemd. A file is read again after 5 s.",
		.kind = SETTING_TEXT,
		.context = PGC_SIGHUP,
		.flags = GUC_SUPERUSER_ONLY,
		.for_worker = true,
		.initial_text = "",
	},
	{
		.name = "pg_net.allowed_hosts",
		.description = "Hosts that may be called: patterns separated by commas.",
		.detail = "A name, an address, *.example.com for every name below example.com, or * for "
				  "every host. Checked when a request is made and before each hop.",
		.kind = SETTING_TEXT,
		.context = PGC_SIGHUP,
		.flags = GUC_SUPERUSER_ONLY,
		.for_worker = true,
		.initial_text = "*",
		.text = &pgnet_allowed_hosts,
		.check = pgnet_check_allowed_hosts,
	},
	{
		.name = "pg_net.denied_networks",
		.description =
			"Networks that no request may connect to, in CIDR notation, separated by commas.",
		.detail = "Checked on the address that is connected to. While it is not empty, the "
				  "environment's proxies are ignored.",
		.kind = SETTING_TEXT,
		.context = PGC_SIGHUP,
		.flags = GUC_SUPERUSER_ONLY,
		.for_worker = true,
		.initial_text = PGNET_METADATA_NETWORKS,
		.check = pgnet_check_denied_networks,
	},
	{
		.name = "pg_net.proxy",
		.description = "URL of a proxy for all requests; empty for the proxies of the environment.",
		.detail = "Needs an empty pg_net.denied_networks, which a proxy would bypass: while both "
				  "are set, "
				  "nothing is sent.",
		.kind = SETTING_TEXT,
		.context = PGC_SIGHUP,
		.flags = GUC_SUPERUSER_ONLY,
		.for_worker = true,
		.initial_text = "",
		.check = pgnet_check_proxy,
	},
	{
		.name = "pg_net.libjvm",
		.description = "Path of the libjvm.so of a Java runtime, version 17 or later.",
		.kind = SETTING_TEXT,
		.context = PGC_POSTMASTER,
		.flags = GUC_SUPERUSER_ONLY,
		.initial_text = PGNET_DEFAULT_LIBJVM,
		.text = &pgnet_libjvm,
	},
	{
		.name = "pg_net.jvm_options",
		.description = "Further options of the worker's JVM, separated by white space.",
		.kind = SETTING_TEXT,
		.context = PGC_POSTMASTER,
		.flags = GUC_SUPERUSER_ONLY,
		.initial_text = "",
		.text = &pgnet_jvm_options,
		.check = pgnet_check_jvm_options,
	},
};

/* Defines one setting. */
static void
define(Setting *setting)
{
	if (setting->number == NULL)
		setting->number = &setting->kept_number;
	if (setting->text == NULL)
		setting->text = &setting->kept_text;
	switch (setting->kind)
	{
		case SETTING_COUNT:
		case SETTING_KILOBYTES:
			DefineCustomIntVariable(
				setting->name, setting->description, setting->detail, setting->number,
				setting->initial, setting->least, setting->most, setting->context,
				setting->flags | (setting->kind == SETTING_KILOBYTES ? GUC_UNIT_KB : 0), NULL, NULL,
				NULL);
			break;
		case SETTING_SWITCH:
			DefineCustomBoolVariable(setting->name, setting->description, setting->detail,
									 &setting->kept_switch, false, setting->context, setting->flags,
									 NULL, NULL, NULL);
			break;
		case SETTING_INTERVAL:
		case SETTING_TEXT:
			DefineCustomStringVariable(
				setting->name, setting->description, setting->detail, setting->text,
				setting->initial_text, setting->context, setting->flags,
				setting->kind == SETTING_INTERVAL ? pgnet_check_interval : setting->check,
				setting->assign, NULL);
			break;
	}
}

/* Defines every setting. Called once, while the server preloads its libraries. */
void
pgnet_define_settings(void)
{
	for (int i = 0; i < lengthof(settings); i++)
		define(&settings[i]);
	MarkGUCPrefixReserved("pg_net");
}

/* The value as the worker gets it, numbers in decimal digits and without a unit. In palloc'd memory. */
static char *
value_for_worker(const Setting *setting)
{
	switch (setting->kind)
	{
		case SETTING_COUNT:
			return psprintf("%d", *setting->number);
		case SETTING_KILOBYTES:
			return psprintf(INT64_FORMAT, (int64) *setting->number * 1024);
		case SETTING_INTERVAL:
			return psprintf(INT64_FORMAT, *setting->micros);
		case SETTING_TEXT:
			return pstrdup(*setting->text);
		case SETTING_SWITCH:
			break;
	}
	pg_unreachable();
}

/* The name and value of the next setting that the worker gets, NULL after the last; the first at position 0. */
const char *
pgnet_next_worker_setting(int *position, char **value)
{
	while (*position < lengthof(settings))
	{
		const Setting *setting = &settings[(*position)++];

		if (setting->for_worker)
		{
			*value = value_for_worker(setting);
			return setting->name;
		}
	}
	return NULL;
}
