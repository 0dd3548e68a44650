/*
 * delivery_check.c
 *		Refuses at call time what a request wants of its delivery and cannot have, and notes the policy of the session. A
 *		request that wants nothing pays for a look at its nulls.
 */
#include "session/delivery_check.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "shared/settings.h"
#include "shared/statement.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

typedef enum DeliveryColumn
{
	POLICY,
	NOT_BEFORE,
	EXPIRES,
	PRIORITY,
	ORDER_KEY,
	ON_RESPONSE,
	CONTEXT,
	SECRETS,
	SIGN_WITH,
	STORE,
	DELIVERY_COLUMN_COUNT
} DeliveryColumn;

static const struct
{
	const char *name;
	Oid type;
	bool is_supported;
} columns[DELIVERY_COLUMN_COUNT] = {
	[POLICY] = {"policy", TEXTOID, true},
	[NOT_BEFORE] = {"not_before", TIMESTAMPTZOID, true},
	[EXPIRES] = {"expires", TIMESTAMPTZOID, true},
	[PRIORITY] = {"priority", TEXTOID, true},
	[ORDER_KEY] = {"order_key", TEXTOID, false},
	[ON_RESPONSE] = {"on_response", TEXTOID, false},
	[CONTEXT] = {"context", JSONBOID, false},
	[SECRETS] = {"secrets", TEXTARRAYOID, false},
	[SIGN_WITH] = {"sign_with", TEXTOID, false},
	[STORE] = {"store", TEXTOID, false},
};

/* Where the columns were in the last row, so that not every row looks for them. */
static int last_attributes[DELIVERY_COLUMN_COUNT];

static Statement policy_statement = {
	.text = "SELECT FROM net.policies WHERE name OPERATOR(pg_catalog.=) $1",
	.argument_count = 1,
	.argument_types = {TEXTOID},
};

/* Whether an attribute is the column. */
static bool
is_column(TupleDesc descriptor, int attribute, DeliveryColumn column)
{
	return attribute > 0 && attribute <= descriptor->natts &&
		   !TupleDescAttr(descriptor, attribute - 1)->attisdropped &&
		   strcmp(NameStr(TupleDescAttr(descriptor, attribute - 1)->attname),
				  columns[column].name) == 0;
}

/* The number of a column. Its type is checked: whoever may execute the trigger can make it that of another table. */
static int
attribute_of(TupleDesc descriptor, DeliveryColumn column)
{
	int attribute = last_attributes[column];

	if (!is_column(descriptor, attribute, column))
	{
		attribute = SPI_fnumber(descriptor, columns[column].name);
		if (attribute <= 0)
			ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
							errmsg("table net.http_request_queue has no column \"%s\"",
								   columns[column].name),
							errhint("Run ALTER EXTENSION pg_net UPDATE.")));
		last_attributes[column] = attribute;
	}
	if (TupleDescAttr(descriptor, attribute - 1)->atttypid != columns[column].type)
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("column \"%s\" must be of type %s", columns[column].name,
							   format_type_be(columns[column].type))));
	return attribute;
}

/* Refuses what is not built yet: better than to do without. */
static void
check_supported(DeliveryColumn column)
{
	if (!columns[column].is_supported)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("%s is not supported yet", columns[column].name),
						errhint("Leave it out.")));
}

/* One of the three lanes, of which there is one yet. */
static void
check_priority(const char *priority)
{
	if (strcmp(priority, "normal") == 0)
		return;
	if (strcmp(priority, "urgent") != 0 && strcmp(priority, "bulk") != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("priority \"%s\" is none", priority),
						errhint("A priority is urgent, normal or bulk.")));
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("priority \"%s\" is not supported yet", priority), errhint("Leave it out.")));
}

/* A moment that comes. */
static TimestampTz
check_moment(Datum value, DeliveryColumn column)
{
	TimestampTz moment = DatumGetTimestampTz(value);

	if (TIMESTAMP_NOT_FINITE(moment))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%s must be finite", columns[column].name)));
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
		ereport(
			ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("policy \"%s\" does not exist", TextDatumGetCString(name)),
			 is_of_session ? errdetail("It is the value of the setting pg_net.default_policy.") : 0,
			 errhint("SELECT name FROM net.policies shows those that there are.")));
}

/* The row with the policy that the session has by pg_net.default_policy. */
static HeapTuple
with_default_policy(HeapTuple row, TupleDesc descriptor, int attribute)
{
	Datum policy = CStringGetTextDatum(pgnet_default_policy);
	bool isnull = false;

	check_policy(policy, true);
	return heap_modify_tuple_by_cols(row, descriptor, 1, &attribute, &policy, &isnull);
}

/* Raises an error unless the request can be delivered so. Returns the row, with the policy of the session if it has none. */
HeapTuple
pgnet_check_delivery(HeapTuple row, TupleDesc descriptor)
{
	int attributes[DELIVERY_COLUMN_COUNT];
	Datum values[DELIVERY_COLUMN_COUNT];
	bool nulls[DELIVERY_COLUMN_COUNT];

	for (int column = 0; column < DELIVERY_COLUMN_COUNT; column++)
	{
		attributes[column] = attribute_of(descriptor, column);
		values[column] = heap_getattr(row, attributes[column], descriptor, &nulls[column]);
		if (!nulls[column])
			check_supported(column);
	}
	if (!nulls[PRIORITY])
		check_priority(TextDatumGetCString(values[PRIORITY]));
	if (!nulls[NOT_BEFORE])
		(void) check_moment(values[NOT_BEFORE], NOT_BEFORE);
	if (!nulls[EXPIRES] &&
		check_moment(values[EXPIRES], EXPIRES) <=
			(nulls[NOT_BEFORE] ? DT_NOBEGIN : DatumGetTimestampTz(values[NOT_BEFORE])))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the request would never be sent: it expires before it may be"),
						errhint("Choose a later expires or an earlier not_before.")));
	if (!nulls[POLICY])
		check_policy(values[POLICY], false);
	else if (pgnet_default_policy[0] != '\0')
		return with_default_policy(row, descriptor, attributes[POLICY]);
	return row;
}
