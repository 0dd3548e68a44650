/*
 * delivery_check.c
 *		Refuses at call time what a request wants of its delivery and cannot have, and notes the policy of the session. A
 *		request that wants nothing pays for a look at its nulls.
 */
#include "session/delivery_check.h"
#include "session/callback_check.h"
#include "session/queue_columns.h"
#include "session/secrets_check.h"

#include "access/detoast.h"
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "shared/lane.h"
#include "shared/order_key.h"
#include "shared/settings.h"
#include "shared/statement.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/* A row, and where its columns are. */
typedef struct Row
{
	HeapTuple tuple;
	TupleDesc descriptor;
	const AttrNumber *attributes;
} Row;

static Statement policy_statement = {
	.text = "SELECT FROM net.policies WHERE name OPERATOR(pg_catalog.=) $1",
	.argument_count = 1,
	.argument_types = {TEXTOID},
};

static bool
is_null(const Row *row, QueueColumn column)
{
	return heap_attisnull(row->tuple, row->attributes[column], row->descriptor);
}

/* A column that is not null. */
static Datum
value_of(const Row *row, QueueColumn column)
{
	bool isnull;

	return heap_getattr(row->tuple, row->attributes[column], row->descriptor, &isnull);
}

/* One of the three lanes. */
static void
check_priority(const Row *row)
{
	char *priority;

	if (is_null(row, COLUMN_PRIORITY))
		return;
	priority = TextDatumGetCString(value_of(row, COLUMN_PRIORITY));
	if (pgnet_lane_of(priority, strlen(priority)) == LANE_MIXED)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid priority \"%s\"", priority),
						errhint("A priority is urgent, normal or bulk.")));
}

/* Short enough for an index and a message. */
static void
check_order_key(const Row *row)
{
	Size bytes;

	if (is_null(row, COLUMN_ORDER_KEY))
		return;
	bytes = toast_raw_datum_size(value_of(row, COLUMN_ORDER_KEY)) - VARHDRSZ;
	if (bytes == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("order_key must not be empty"),
				 errhint("Use null for a request that waits for no other.")));
	if (bytes > PGNET_MAX_ORDER_KEY_BYTES)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the order key is longer than %d bytes", PGNET_MAX_ORDER_KEY_BYTES),
						errhint("Use a short name, like the id of a customer, or a hash.")));
}

/* One of the parts of a response that may be stored. */
static void
check_store(const Row *row)
{
	char *store;

	if (is_null(row, COLUMN_STORE))
		return;
	store = TextDatumGetCString(value_of(row, COLUMN_STORE));
	if (strcmp(store, "all") != 0 && strcmp(store, "status") != 0 && strcmp(store, "failures") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("invalid store \"%s\"", store),
				 errhint("store is all, status (no headers and content) or failures (nothing of a "
						 "response with a status of 200 to 299).")));
}

/* Those that the owner may use, and send where the request leads. */
static void
check_secrets(const Row *row)
{
	NullableDatum names = {.isnull = is_null(row, COLUMN_SECRETS)};
	bool is_signed = !is_null(row, COLUMN_SIGN_WITH);

	if ((names.isnull && !is_signed) || is_null(row, COLUMN_URL) || is_null(row, COLUMN_OWNER))
		return; /* without a URL or an owner the table refuses it */
	if (!names.isnull)
		names.value = value_of(row, COLUMN_SECRETS);
	pgnet_check_secrets_of_request(
		names, is_signed ? TextDatumGetCString(value_of(row, COLUMN_SIGN_WITH)) : NULL,
		DatumGetTextPP(value_of(row, COLUMN_URL)), DatumGetObjectId(value_of(row, COLUMN_OWNER)));
}

/* A moment that comes, or another one when the row has none. */
static TimestampTz
moment_of(const Row *row, QueueColumn column, TimestampTz otherwise)
{
	TimestampTz moment;

	if (is_null(row, column))
		return otherwise;
	moment = DatumGetTimestampTz(value_of(row, column));
	if (TIMESTAMP_NOT_FINITE(moment))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%s must be finite", pgnet_queue_column_name(column))));
	return moment;
}

/* The policy that is there under this name; of the session, when the request names none. */
static void
check_policy(Datum name, bool is_of_session)
{
	bool found;

	SPI_connect();
	pgnet_execute(&policy_statement, &name, NULL, SPI_OK_SELECT);
	found = SPI_processed > 0;
	SPI_finish();
	if (!found)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("policy \"%s\" does not exist", TextDatumGetCString(name)),
				 is_of_session ? errdetail("The setting pg_net.default_policy names it.") : 0,
				 errhint("SELECT name FROM net.policies lists the policies.")));
}

/* The row with the policy that the session has by pg_net.default_policy. */
static HeapTuple
with_default_policy(const Row *row)
{
	int attribute = row->attributes[COLUMN_POLICY];
	Datum policy = CStringGetTextDatum(pgnet_default_policy);
	bool isnull = false;

	check_policy(policy, true);
	return heap_modify_tuple_by_cols(row->tuple, row->descriptor, 1, &attribute, &policy, &isnull);
}

/* The row with the function that is to be called, which is there, under the name that it has in any session. */
static HeapTuple
with_function_name(const Row *row)
{
	int attribute = row->attributes[COLUMN_ON_RESPONSE];
	bool isnull = false;
	Datum name;

	if (is_null(row, COLUMN_OWNER))
		return row->tuple; /* the table refuses it */
	name = CStringGetTextDatum(
		pgnet_check_callback(TextDatumGetCString(value_of(row, COLUMN_ON_RESPONSE)),
							 DatumGetObjectId(value_of(row, COLUMN_OWNER))));
	return heap_modify_tuple_by_cols(row->tuple, row->descriptor, 1, &attribute, &name, &isnull);
}

/*
 * Raises an error unless the request can be delivered so. Returns the row, with the policy of the session if it has none, and
 * the whole name of the function that is to be called.
 */
HeapTuple
pgnet_check_delivery(HeapTuple tuple, TupleDesc descriptor, const AttrNumber *attributes)
{
	Row row = {tuple, descriptor, attributes};

	check_priority(&row);
	check_store(&row);
	check_order_key(&row);
	check_secrets(&row);
	if (moment_of(&row, COLUMN_NOT_BEFORE, DT_NOBEGIN) >= moment_of(&row, COLUMN_EXPIRES, DT_NOEND))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the request would never be sent: it expires before it may be sent"),
						errhint("Choose a later expires or an earlier not_before.")));
	if (!is_null(&row, COLUMN_ON_RESPONSE))
		row.tuple = with_function_name(&row);
	if (!is_null(&row, COLUMN_POLICY))
		check_policy(value_of(&row, COLUMN_POLICY), false);
	else if (pgnet_default_policy[0] != '\0')
		return with_default_policy(&row);
	return row.tuple;
}
