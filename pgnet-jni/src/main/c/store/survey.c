/*
 * survey.c
 *		Which requests are due, by their narrow columns alone: a million that wait cost no body. Of those with one order key it
 *		is the first one only.
 */
#include "store/survey.h"
#include "shared/order_key.h"
#include "shared/row_version.h"
#include "store/due.h"
#include "store/heads.h"
#include "store/ids.h"
#include "shared/origin.h"
#include "store/transaction.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "portability/instr_time.h"
#include "utils/timestamp.h"

/* What one survey looks at: so much at first, and so much when all of that waits. */
#define LEAST_SURVEYED 100
#define MOST_SURVEYED 10000

/* So many rows are in memory at once. */
#define MOST_AT_ONCE 500

/* A survey ends then. What has become due meanwhile is looked for between two of them. */
#define MOST_MILLIS 10

#define COLUMNS                                                                                   \
	"SELECT q.id, q.xmin, q.owner, q.not_before, q.url, q.priority, "                             \
	"q.order_key, " PGNET_SAME_REQUEST_SQL ", d.due, d.attempts, d.counted, d.first_due, d.key, " \
	"q.webhook IS NOT NULL OR q.sign_with IS NOT NULL "                                           \
	"FROM net.http_request_queue q LEFT JOIN net._delivery d "                                    \
	"ON d.request_id OPERATOR(pg_catalog.=) q.id "

static Statement range_statement = {
	.text = COLUMNS "WHERE q.id OPERATOR(pg_catalog.>=) $1 AND q.id OPERATOR(pg_catalog.<=) $2 "
					"ORDER BY q.id LIMIT $3",
	.argument_count = 3,
	.argument_types = {INT8OID, INT8OID, INT8OID},
};

/* The same when nothing is known to be beside the queue. */
static Statement plain_statement = {
	.text = "SELECT q.id, q.xmin, q.owner, q.not_before, q.url, q.priority, q.order_key, false, "
			"NULL::pg_catalog.timestamptz, NULL::pg_catalog.int4, NULL::pg_catalog.int4, "
			"NULL::pg_catalog.timestamptz, NULL::pg_catalog.int8, "
			"q.webhook IS NOT NULL OR q.sign_with IS NOT NULL FROM net.http_request_queue q "
			"WHERE q.id OPERATOR(pg_catalog.>=) $1 AND q.id OPERATOR(pg_catalog.<=) $2 "
			"ORDER BY q.id LIMIT $3",
	.argument_count = 3,
	.argument_types = {INT8OID, INT8OID, INT8OID},
};

/* The same of chosen ones. */
static Statement pick_statement = {
	.text = COLUMNS "WHERE q.id OPERATOR(pg_catalog.=) ANY ($1) ORDER BY q.id",
	.argument_count = 1,
	.argument_types = {INT8ARRAYOID},
};

enum
{
	COLUMN_ID = 1,
	COLUMN_XMIN,
	COLUMN_OWNER,
	COLUMN_NOT_BEFORE,
	COLUMN_URL,
	COLUMN_PRIORITY,
	COLUMN_ORDER_KEY,
	COLUMN_IS_SAME,
	COLUMN_DUE,
	COLUMN_ATTEMPTS,
	COLUMN_COUNTED,
	COLUMN_FIRST_DUE,
	COLUMN_KEY,
	COLUMN_IS_MESSAGE
};

static const Oid types[] = {INT8OID, XIDOID,         OIDOID,  TIMESTAMPTZOID, TEXTOID,
							TEXTOID, TEXTOID,        BOOLOID, TIMESTAMPTZOID, INT4OID,
							INT4OID, TIMESTAMPTZOID, INT8OID, BOOLOID};

/* A column of a row that the statement returned. */
static Datum
value_of(uint64 row, int column, bool *isnull)
{
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, isnull);
}

/* The lane of a row. */
static Lane
lane_of(uint64 row)
{
	NullableDatum priority;

	priority.value = value_of(row, COLUMN_PRIORITY, &priority.isnull);
	return pgnet_lane(priority);
}

/* What a row says: its key, and when it is due. False when what is kept beside the queue must be written anew. */
static bool
read_key(uint64 row, DueKey *key, TimestampTz *due)
{
	bool isnull;
	Datum value;
	bool is_known = true;

	memset(key, 0, sizeof(*key));
	key->id = DatumGetInt64(value_of(row, COLUMN_ID, &isnull));
	key->version = pgnet_row_version(pgnet_queue_oid,
									 DatumGetTransactionId(value_of(row, COLUMN_XMIN, &isnull)));
	key->owner = DatumGetObjectId(value_of(row, COLUMN_OWNER, &isnull));
	key->lane = lane_of(row);
	value = value_of(row, COLUMN_ORDER_KEY, &isnull);
	if (!isnull)
	{
		key->order_key = pgnet_order_key(value);
		value = value_of(row, COLUMN_KEY, &isnull);
		is_known = !isnull && DatumGetInt64(value) == key->order_key;
		pgnet_note_keyed(key->owner, key->order_key, key->id);
	}
	value = value_of(row, COLUMN_NOT_BEFORE, &isnull);
	*due = isnull ? DT_NOBEGIN : DatumGetTimestampTz(value);
	value = value_of(row, COLUMN_IS_SAME, &isnull);
	key->has_delivery = !isnull && DatumGetBool(value);
	if (!key->has_delivery)
		return is_known && TIMESTAMP_IS_NOBEGIN(*due);
	*due = DatumGetTimestampTz(value_of(row, COLUMN_DUE, &isnull));
	key->attempts = DatumGetInt32(value_of(row, COLUMN_ATTEMPTS, &isnull));
	key->counted = DatumGetInt32(value_of(row, COLUMN_COUNTED, &isnull));
	key->first_due = DatumGetTimestampTz(value_of(row, COLUMN_FIRST_DUE, &isnull));
	return is_known;
}

/* The number of where the request of a row goes. */
static int64
origin_of(uint64 row)
{
	bool isnull;
	bool is_message = DatumGetBool(value_of(row, COLUMN_IS_MESSAGE, &isnull));
	Datum url = value_of(row, COLUMN_URL, &isnull);

	if (isnull)
		return PGNET_UNKNOWN_ORIGIN;
	return is_message ? pgnet_endpoint_number(url) : pgnet_origin_number(url);
}

/* Reads the keys of the rows that the statement returned, which are due. Returns how many. */
static int
read_due(DueKey *due, TimestampTz now)
{
	uint64 rows = SPI_processed;
	Datum *unknown = palloc(sizeof(Datum) * (rows + 1));
	Datum *unknown_keys = palloc(sizeof(Datum) * (rows + 1));
	int unknown_count = 0;
	int count = 0;

	for (uint64 i = 0; i < rows; i++)
	{
		TimestampTz when;
		bool is_known = read_key(i, &due[count], &when);

		if (!is_known && (when > now || due[count].order_key != 0))
		{
			unknown_keys[unknown_count] = Int64GetDatum(due[count].order_key);
			unknown[unknown_count++] = Int64GetDatum(due[count].id);
		}
		else if (when <= now)
		{
			due[count++].origin = origin_of(i);
		}
	}
	if (unknown_count > 0)
		pgnet_schedule_anew(unknown, unknown_keys, unknown_count);
	return count;
}

/* Leaves of those with order keys the first one of each. Returns how many are left. */
static int
leave_heads(DueKey *due, int count)
{
	OrderKey *keys = palloc(sizeof(OrderKey) * (count + 1));
	int key_count = 0;
	int distinct = 0;
	int left = 0;

	for (int i = 0; i < count; i++)
		if (due[i].order_key != 0)
			keys[key_count++] = (OrderKey){.owner = due[i].owner, .key = due[i].order_key};
	if (key_count == 0)
		return count;
	qsort(keys, key_count, sizeof(OrderKey), pgnet_compare_order_keys);
	for (int i = 0; i < key_count; i++)
		if (i == 0 || pgnet_compare_order_keys(&keys[i], &keys[distinct - 1]) != 0)
			keys[distinct++] = keys[i];
	pgnet_find_heads(keys, distinct);
	for (int i = 0; i < count; i++)
	{
		OrderKey wanted = {.owner = due[i].owner, .key = due[i].order_key};
		const OrderKey *key =
			due[i].order_key == 0
				? NULL
				: bsearch(&wanted, keys, distinct, sizeof(OrderKey), pgnet_compare_order_keys);

		if (key == NULL || (key->found && key->head == due[i].id))
			due[left++] = due[i];
	}
	return left;
}

/* Takes the rows that the statement returned, of which at most limit are due. The rest is not looked at. */
static void
take_rows(Survey *survey, int limit, TimestampTz now)
{
	uint64 rows = SPI_processed;
	SPITupleTable *table = SPI_tuptable;
	DueKey *due = palloc(sizeof(DueKey) * (rows + 1));
	bool isnull;
	int64 last = rows == 0 ? survey->last : DatumGetInt64(value_of(rows - 1, COLUMN_ID, &isnull));
	int count = read_due(due, now);
	int taken;

	SPI_freetuptable(table);
	count = leave_heads(due, count);
	taken = Min(count, limit - survey->count);
	memcpy(&survey->due[survey->count], due, sizeof(DueKey) * taken);
	survey->count += taken;
	survey->rows += rows;
	survey->last = taken < count ? due[taken - 1].id : last;
	if (taken < count)
		survey->complete = false;
	pfree(due);
}

/* Whether a survey that began then may look further. */
static bool
may_look_further(const Survey *survey, instr_time begun)
{
	instr_time taken;

	INSTR_TIME_SET_CURRENT(taken);
	INSTR_TIME_SUBTRACT(taken, begun);
	return !survey->complete && survey->rows < MOST_SURVEYED &&
		   INSTR_TIME_GET_MILLISEC(taken) < MOST_MILLIS;
}

/* Whether something may be beside the queue of one of the rows that the statement returned. */
static bool
is_any_kept(void)
{
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple row = SPI_tuptable->vals[i];

		if (!heap_attisnull(row, COLUMN_NOT_BEFORE, SPI_tuptable->tupdesc) ||
			!heap_attisnull(row, COLUMN_ORDER_KEY, SPI_tuptable->tupdesc))
			return true;
	}
	return false;
}

/* Reads the rows of a range, at most so many: what is beside the queue too, once something is known to be there. */
static void
read_range(Datum *values)
{
	if (!pgnet_is_delivery_expected())
	{
		pgnet_execute(&plain_statement, values, NULL, SPI_OK_SELECT);
		if (!is_any_kept())
			return;
		pgnet_expect_delivery();
	}
	pgnet_execute(&range_statement, values, NULL, SPI_OK_SELECT);
}

/* Looks at the next rows of a range, at most so many, of which at most limit are due. */
static void
look_at(Survey *survey, int64 first, int64 last, int most, int limit, TimestampTz now)
{
	Datum values[] = {Int64GetDatum(first), Int64GetDatum(last), Int64GetDatum(most)};

	read_range(values);
	pgnet_check_result(types, lengthof(types));
	survey->complete = SPI_processed < most;
	take_rows(survey, limit, now);
	survey->complete = survey->complete && survey->count < limit;
}

/*
 * The requests of a range that are due, at most limit of them. Where the first ones all wait it looks further, but no more
 * than so far at once. In palloc'd memory. Within a transaction.
 */
Survey
pgnet_survey(int64 first, int64 last, int limit)
{
	TimestampTz now = GetCurrentTimestamp();
	Survey survey = {.due = palloc(sizeof(DueKey) * limit), .last = first};
	instr_time begun;

	INSTR_TIME_SET_CURRENT(begun);
	pgnet_plan_by_index();
	look_at(&survey, first, last, Max(limit, LEAST_SURVEYED), limit, now);
	while (survey.count == 0 && may_look_further(&survey, begun))
		look_at(&survey, survey.last + 1, last, MOST_AT_ONCE, limit, now);
	return survey;
}

/* The same of chosen ids, of which there are so many. */
Survey
pgnet_survey_of(Datum ids, int count)
{
	Survey survey = {.due = palloc(sizeof(DueKey) * count), .complete = true};

	pgnet_plan_by_index();
	pgnet_execute(&pick_statement, &ids, NULL, SPI_OK_SELECT);
	pgnet_check_result(types, lengthof(types));
	take_rows(&survey, count, GetCurrentTimestamp());
	return survey;
}

/* The requests of the first part of a range that are due, however many. In palloc'd memory. Within a transaction. */
Survey
pgnet_survey_far(int64 first, int64 last)
{
	TimestampTz now = GetCurrentTimestamp();
	Survey survey = {.due = palloc(sizeof(DueKey) * (MOST_SURVEYED + 1)), .last = first};
	instr_time begun;

	INSTR_TIME_SET_CURRENT(begun);
	look_at(&survey, first, last, MOST_AT_ONCE, MOST_SURVEYED + 1, now);
	while (may_look_further(&survey, begun))
		look_at(&survey, survey.last + 1, last, MOST_AT_ONCE, MOST_SURVEYED + 1, now);
	return survey;
}

/* Their ids, as a bigint[]. */
Datum
pgnet_survey_ids(const Survey *survey)
{
	Datum *ids = palloc(sizeof(Datum) * (survey->count + 1));

	for (int i = 0; i < survey->count; i++)
		ids[i] = Int64GetDatum(survey->due[i].id);
	return pgnet_id_array(ids, survey->count);
}
