/*
 * explain.c
 *		What net.explain asks of a URL: where it leads, and whether the role in force may have it called.
 */
#include "guard/host_pattern.h"
#include "guard/hosts.h"
#include "guard/networks.h"
#include "session/host_roles.h"
#include "session/url_target.h"
#include "session/utf8.h"
#include "shared/memory.h"
#include "shared/settings.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/guc.h"

PG_FUNCTION_INFO_V1(pgnet_explain_url);
PG_FUNCTION_INFO_V1(pgnet_sql_host_rank);

/* What refuses a URL, and in which words; NULL for nothing. */
typedef struct Refusal
{
	const char *reason;
	const char *rule;
} Refusal;

/* The networks of pg_net.denied_networks, palloc'd. */
static pgnet_network *
denied_networks(int64 *count)
{
	const char *list = GetConfigOption("pg_net.denied_networks", false, false);
	const char *bad;
	size_t bad_length;
	int64 capacity = strlen(list) / 2 + 1; /* the shortest is "::" */
	pgnet_network *networks = palloc(sizeof(pgnet_network) * capacity);

	*count = Max(0, pgnet_networks_parse(list, networks, capacity, &bad, &bad_length));
	return networks;
}

/* The network that a host is in, if it is an address; NULL for none. Those of names are known when they are connected to. */
static const char *
denied_network_of(const char *host)
{
	static char text[PGNET_NETWORK_TEXT_SIZE];
	pgnet_host_pattern bare = pgnet_host_pattern_of(host, strlen(host));
	pgnet_address address;
	int64 count;
	pgnet_network *networks = denied_networks(&count);
	const pgnet_network *found;

	if (!pgnet_address_parse(pnstrdup(bare.host, bare.length), &address))
		return NULL;
	found = pgnet_networks_find(networks, count, &address);
	if (found == NULL)
		return NULL;
	pgnet_network_text(found, text);
	return text;
}

/* Whether a setting is more than white space. */
static bool
is_set(const char *setting)
{
	const char *value = GetConfigOption(setting, false, false);

	return value[strspn(value, " \t\r\n")] != '\0';
}

/* What refuses a host, as far as it is known before it is connected to. */
static Refusal
refusal_of(const char *host, int port)
{
	const char *network;
	const char *pattern;

	if (is_set("pg_net.denied_networks") && is_set("pg_net.proxy"))
		return (Refusal){
			"nothing is sent: pg_net.denied_networks cannot be enforced through a proxy",
			"pg_net.proxy"};
	if (!pgnet_hosts_allow(pgnet_allowed_hosts, host))
		return (Refusal){"the host is not allowed", "pg_net.allowed_hosts"};
	network = denied_network_of(host);
	if (network != NULL)
		return (Refusal){psprintf("the address is in %s", network), "pg_net.denied_networks"};
	pattern = pgnet_host_roles_refusing(host, port, GetUserId());
	if (pattern != NULL)
		return (Refusal){psprintf("role \"%s\" is none of those that may call it",
								  GetUserNameFromId(GetUserId(), false)),
						 psprintf("net.hosts \"%s\"", pattern)};
	return (Refusal){NULL, NULL};
}

/* The origin as the worker has it. */
static char *
origin_of(const char *url, const char *host, int port)
{
	bool secure = pg_strncasecmp(url, "https:", 6) == 0;

	return psprintf("%s://%s:%d", secure ? "https" : "http", asc_tolower(host, strlen(host)), port);
}

/* net._explain_url(url text): its origin, host and port, and what refuses it. */
Datum
pgnet_explain_url(PG_FUNCTION_ARGS)
{
	char *url = text_to_cstring(PG_GETARG_TEXT_PP(0));
	int length;
	UrlTarget target =
		pgnet_url_target(pgnet_utf8(url, strlen(url), &length, "the URL"), url, true);
	const char *host = target.host == NULL ? "" : target.host;
	Refusal refusal;
	TupleDesc descriptor;
	Datum values[5];
	bool nulls[5] = {false};

	pgnet_require_preloaded();
	refusal = refusal_of(host, target.port);
	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "net._explain_url() returns a row");
	values[0] = CStringGetTextDatum(origin_of(url, host, target.port));
	values[1] = CStringGetTextDatum(host);
	values[2] = Int32GetDatum(target.port);
	nulls[3] = nulls[4] = refusal.reason == NULL;
	values[3] = nulls[3] ? (Datum) 0 : CStringGetTextDatum(refusal.reason);
	values[4] = nulls[4] ? (Datum) 0 : CStringGetTextDatum(refusal.rule);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(descriptor, values, nulls)));
}

/* net._host_rank(pattern text, host text, port integer): how specific a pattern is for a host, 0 when it does not mean it. */
Datum
pgnet_sql_host_rank(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(pgnet_host_rank(text_to_cstring(PG_GETARG_TEXT_PP(0)),
									text_to_cstring(PG_GETARG_TEXT_PP(1)), PG_GETARG_INT32(2)));
}
