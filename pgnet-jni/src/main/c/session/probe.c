/*
 * probe.c
 *		net.probe: has hosts whose breakers are open probed at once, when the transaction commits.
 *
 * The wish is a row, so it comes and goes with its transaction. The worker reads the rows when it reads net.hosts, and one that
 * it has not seen is a new wish. So none is taken back, and old ones are swept by the next call.
 */
#include "guard/host_pattern.h"
#include "session/hosts_change.h"
#include "session/url_target.h"
#include "session/utf8.h"
#include "shared/as_owner.h"
#include "shared/flow_board.h"
#include "shared/hosts_table.h"
#include "shared/memory.h"
#include "shared/own_table.h"
#include "shared/statement.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(pgnet_probe);

/* of what is no pattern, an error shows so much */
#define SHOWN_BYTES 200

/* so long the worker may take to say which breakers are open */
#define PATIENCE_MILLIS 2000

static Statement wish_statement = {
	.text = "INSERT INTO net._probes (pattern, asked) VALUES ($1, pg_catalog.clock_timestamp()) "
			"ON CONFLICT (pattern) DO UPDATE SET asked = excluded.asked",
	.argument_count = 1,
	.argument_types = {TEXTOID},
};

/* Not one that another session has just now. */
static Statement sweep_statement = {
	.text = "DELETE FROM net._probes WHERE pattern OPERATOR(pg_catalog.=) ANY (ARRAY("
			"SELECT p.pattern FROM net._probes p WHERE p.asked OPERATOR(pg_catalog.<) "
			"(pg_catalog.now() OPERATOR(pg_catalog.-) '1 h'::pg_catalog.interval) "
			"FOR UPDATE SKIP LOCKED))",
};

/* Raises an error unless the caller may change what holds for hosts. */
static void
check_caller(void)
{
	if (pg_class_aclcheck(pgnet_get_table("hosts"), GetUserId(), ACL_UPDATE) != ACLCHECK_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to probe hosts"),
				 errhint("You need the privilege UPDATE on net.hosts. net.retry sends a single "
						 "request of your own, once nothing holds its host back.")));
}

/* The pattern that is meant, in its normal form: of a URL that of its host and port. */
static char *
pattern_of(char *argument)
{
	char *normal = palloc(PGNET_HOST_PATTERN_SIZE);
	char *text = argument;
	pgnet_host_pattern pattern;

	if (strstr(argument, "://") != NULL)
	{
		int length;
		const char *utf8 = pgnet_utf8(argument, strlen(argument), &length, "the URL");
		UrlTarget target = pgnet_url_target(utf8, argument, true);

		text = target.host == NULL ? "" : psprintf("%s:%d", target.host, target.port);
	}
	if (!pgnet_host_pattern_with_port(text, &pattern))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("\"%.*s\" is not a host pattern",
							   pg_mbcliplen(text, strlen(text), SHOWN_BYTES), text),
						errhint("Write api.example.com, *.example.com or *, each with or without a "
								"port like :8443, or a URL.")));
	pgnet_host_pattern_text(&pattern, normal);
	return normal;
}

/* Whether a pattern means the host of an origin. */
static bool
means(const char *pattern, const char *origin)
{
	const char *scheme_end = strstr(origin, "://");
	const char *colon = strrchr(origin, ':');

	if (scheme_end == NULL || colon < scheme_end + 3)
		return pgnet_host_rank(pattern, "", 0) > 0;
	scheme_end += 3;
	return pgnet_host_rank(pattern, pnstrdup(scheme_end, colon - scheme_end), atoi(colon + 1)) > 0;
}

/* How many breakers are open there, of those that net.stat_host shows the caller: the wish is about the requests of all roles. */
static int64
open_breakers(const char *pattern)
{
	int64 open = 0;
	int count;
	Flow *flows = pgnet_ask_for_flows(PATIENCE_MILLIS, &count);

	for (int i = 0; i < count; i++)
		if (!TIMESTAMP_IS_NOBEGIN(flows[i].broken_since) && means(pattern, flows[i].origin) &&
			pgnet_may_see_flow(&flows[i]))
			open++;
	return open;
}

/* net.probe(host text). */
Datum
pgnet_probe(PG_FUNCTION_ARGS)
{
	char *pattern;
	Datum wish;
	AsOwner caller;

	pgnet_require_preloaded();
	check_caller();
	pattern = pattern_of(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	wish = CStringGetTextDatum(pattern);
	caller = pgnet_as_owner_begin(pgnet_get_table("_probes"));
	SPI_connect();
	pgnet_execute(&wish_statement, &wish, NULL, SPI_OK_INSERT);
	if (!IsolationUsesXactSnapshot()) /* which fails for what another session has swept */
		pgnet_execute(&sweep_statement, NULL, NULL, SPI_OK_DELETE);
	SPI_finish();
	pgnet_as_owner_end(caller);
	pgnet_note_hosts_change();
	PG_RETURN_INT64(open_breakers(pattern));
}
