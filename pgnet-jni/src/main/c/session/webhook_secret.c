/*
 * webhook_secret.c
 *		The secret that signs the requests of a webhook. It is one of net.secrets and belongs to the webhook's owner, whoever acts
 *		for that role.
 */
#include "postgres.h"

#include "session/url_target.h"
#include "session/utf8.h"
#include "session/webhook_role.h"
#include "shared/as_owner.h"
#include "shared/secrets_table.h"
#include "shared/statement.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(pgnet_set_webhook_key);
PG_FUNCTION_INFO_V1(pgnet_move_webhook_key);
PG_FUNCTION_INFO_V1(pgnet_rotate_webhook_key);
PG_FUNCTION_INFO_V1(pgnet_drop_webhook_key);

static Statement set_statement = {
	.text = "SELECT net.set_secret($1, $2, hosts => $3)",
	.argument_count = 3,
	.argument_types = {TEXTOID, TEXTOID, TEXTARRAYOID},
};

static Statement rotate_statement = {
	.text = "SELECT net._rotate_secret($1, $2, $3)",
	.argument_count = 3,
	.argument_types = {TEXTOID, TEXTOID, TIMESTAMPTZOID},
};

static Statement drop_statement = {
	.text = "SELECT net.drop_secret($1)",
	.argument_count = 1,
	.argument_types = {TEXTOID},
};

/* That of the owner, or of the role that the owner's table, and so its webhook, was taken over from. */
static Statement move_statement = {
	.text = "UPDATE net._secrets s SET hosts = $2, owner = $3 FROM net._webhooks w "
			"WHERE s.name OPERATOR(pg_catalog.=) $1 AND w.secret OPERATOR(pg_catalog.=) s.name "
			"AND s.name OPERATOR(pg_catalog.=) ('webhook.' OPERATOR(pg_catalog.||) w.name) "
			"AND net._webhook_owner(w) OPERATOR(pg_catalog.=) $3 "
			"AND (s.owner OPERATOR(pg_catalog.=) $3 OR s.owner OPERATOR(pg_catalog.=) w.owner_oid)",
	.argument_count = 3,
	.argument_types = {TEXTOID, TEXTARRAYOID, OIDOID},
};

/* The host that a URL leads to, as net.set_secret takes hosts: with http:// where it is not encrypted. */
static Datum
hosts_of(Datum url)
{
	char *server_text = TextDatumGetCString(url);
	int length;
	const char *utf8 = pgnet_utf8(server_text, strlen(server_text), &length, "the URL");
	UrlTarget target = pgnet_url_target(utf8, server_text, true);
	bool is_plain = pg_strncasecmp(utf8, "http:", 5) == 0;
	bool is_ipv6;
	Datum host;

	if (target.host == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the host of the URL cannot be read"),
						errhint("Name a secret of your own, or use signed => false.")));
	is_ipv6 = target.host[0] != '[' && strchr(target.host, ':') != NULL;
	host =
		CStringGetTextDatum(psprintf("%s%s%s%s:%d", is_plain ? "http://" : "", is_ipv6 ? "[" : "",
									 target.host, is_ipv6 ? "]" : "", target.port));
	return PointerGetDatum(construct_array(&host, 1, TEXTOID, -1, false, TYPALIGN_INT));
}

/* Executes a statement with the rights of a role. */
static void
execute_as(AsOwner caller, Statement *statement, Datum *values, int expected)
{
	SPI_connect();
	pgnet_execute(statement, values, NULL, expected);
	SPI_finish();
	pgnet_as_owner_end(caller);
}

/* net._set_webhook_key(secret text, key text, url text, owner oid). */
Datum
pgnet_set_webhook_key(PG_FUNCTION_ARGS)
{
	Oid owner = pgnet_require_webhook_role(fcinfo->args[3]);
	Datum values[] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), hosts_of(PG_GETARG_DATUM(2))};

	execute_as(pgnet_as_role_begin(owner), &set_statement, values, SPI_OK_SELECT);
	PG_RETURN_VOID();
}

/* net._rotate_webhook_key(secret text, key text, old_until timestamptz, owner oid). */
Datum
pgnet_rotate_webhook_key(PG_FUNCTION_ARGS)
{
	Oid owner = pgnet_require_webhook_role(fcinfo->args[3]);
	Datum values[] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), PG_GETARG_DATUM(2)};

	execute_as(pgnet_as_role_begin(owner), &rotate_statement, values, SPI_OK_SELECT);
	PG_RETURN_VOID();
}

/* net._drop_webhook_key(secret text, owner oid). */
Datum
pgnet_drop_webhook_key(PG_FUNCTION_ARGS)
{
	Oid owner = pgnet_require_webhook_role(fcinfo->args[1]);
	Datum values[] = {PG_GETARG_DATUM(0)};

	execute_as(pgnet_as_role_begin(owner), &drop_statement, values, SPI_OK_SELECT);
	PG_RETURN_VOID();
}

/* net._move_webhook_key(secret text, url text, owner oid): the tables' owner alone may write hosts without a value. */
Datum
pgnet_move_webhook_key(PG_FUNCTION_ARGS)
{
	Oid owner = pgnet_require_webhook_role(fcinfo->args[2]);
	Oid table = pgnet_secrets_table();
	Datum values[] = {PG_GETARG_DATUM(0), hosts_of(PG_GETARG_DATUM(1)), ObjectIdGetDatum(owner)};

	if (OidIsValid(table))
		execute_as(pgnet_as_owner_begin(table), &move_statement, values, SPI_OK_UPDATE);
	PG_RETURN_VOID();
}
