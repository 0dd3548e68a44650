/*
 * webhook_check.c
 *		Refuses webhooks whose requests could not be sent, or whose condition is none.
 */
#include "postgres.h"

#include "session/request_check.h"
#include "session/secrets_check.h"
#include "session/webhook_condition.h"
#include "session/webhook_role.h"
#include "shared/as_owner.h"

#include "access/table.h"
#include "fmgr.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(pgnet_check_webhook_parts);

/* its arguments */
enum
{
	ARGUMENT_URL,
	ARGUMENT_HEADERS,
	ARGUMENT_SECRETS,
	ARGUMENT_SIGN_WITH,
	ARGUMENT_CONDITION,
	ARGUMENT_RELATION,
	ARGUMENT_OWNER
};

/* Where its requests go, and with what. */
static void
check_request(const NullableDatum *arguments, Oid owner)
{
	NullableDatum headers = arguments[ARGUMENT_HEADERS];
	NullableDatum sign_with = arguments[ARGUMENT_SIGN_WITH];
	Request request = {.method = cstring_to_text("POST"),
					   .url = DatumGetTextPP(arguments[ARGUMENT_URL].value),
					   .headers = headers.isnull ? NULL : DatumGetJsonbP(headers.value),
					   .owner = owner};

	pgnet_check_request(&request);
	if (!arguments[ARGUMENT_SECRETS].isnull || !sign_with.isnull)
		pgnet_check_secrets_of_request(
			arguments[ARGUMENT_SECRETS],
			sign_with.isnull ? NULL : TextDatumGetCString(sign_with.value), request.url, owner);
}

/* Which rows are sent. The table may not be known, as after a restore. */
static void
check_condition(NullableDatum condition, NullableDatum relation)
{
	Relation table;

	if (condition.isnull || relation.isnull)
		return;
	table = table_open(DatumGetObjectId(relation.value), AccessShareLock);
	(void) pgnet_webhook_condition(TextDatumGetCString(condition.value), table, "insert");
	table_close(table, AccessShareLock);
}

/* net._check_webhook_parts(url, headers, secrets, sign_with, condition, relation, owner). */
Datum
pgnet_check_webhook_parts(PG_FUNCTION_ARGS)
{
	Oid owner = pgnet_require_webhook_role(fcinfo->args[ARGUMENT_OWNER]);
	AsOwner caller = pgnet_as_role_begin(owner);

	if (!PG_ARGISNULL(ARGUMENT_URL))
		check_request(fcinfo->args, owner);
	check_condition(fcinfo->args[ARGUMENT_CONDITION], fcinfo->args[ARGUMENT_RELATION]);
	pgnet_as_owner_end(caller);
	PG_RETURN_VOID();
}
