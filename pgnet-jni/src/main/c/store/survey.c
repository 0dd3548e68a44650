/*
 * survey.c
 *		Which requests of a range are due, by their narrow columns alone: a million that wait cost no body.
 */
#include "store/survey.h"
#include "shared/row_version.h"
#include "store/due.h"
#include "store/ids.h"
#include "store/transaction.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

/* What one survey looks at: so much at first, and so much when all of that waits. */
#define LEAST_SURVEYED 100
#define MOST_SURVEYED 10000

static Statement survey_statement = {
	.text = "SELECT q.id, q.xmin, q.owner, q.not_before, " PGNET_SAME_REQUEST_SQL
			", d.due, d.attempts, d.counted, d.first_due "
			"FROM net.http_request_queue q LEFT JOIN net._delivery d "
			"ON d.request_id OPERATOR(pg_catalog.=) q.id "
			"WHERE q.id OPERATOR(pg_catalog.>=) $1 AND q.id OPERATOR(pg_catalog.<=) $2 "
			"ORDER BY q.id LIMIT $3",
	.argument_count = 3,
	.argument_types = {INT8OID, INT8OID, INT8OID},
};

enum
{
	COLUMN_ID = 1,
	COLUMN_XMIN,
	COLUMN_OWNER,
	COLUMN_NOT_BEFORE,
	COLUMN_IS_SAME,
	COLUMN_DUE,
	COLUMN_ATTEMPTS,
	COLUMN_COUNTED,
	COLUMN_FIRST_DUE
};

static const Oid types[] = {INT8OID,        XIDOID,  OIDOID,  TIMESTAMPTZOID, BOOLOID,
							TIMESTAMPTZOID, INT4OID, INT4OID, TIMESTAMPTZOID};

/* A column of a row that the statement returned, all of them of types passed by value. */
static Datum
value_of(uint64 row, int column, bool *isnull)
{
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, isnull);
}

/* What a row says: its key, and when it is due. False when what is kept beside the queue must be written anew. */
static bool
read_key(uint64 row, DueKey *key, TimestampTz *due)
{
	bool isnull;
	Datum not_before;
	Datum is_same;

	key->id = DatumGetInt64(value_of(row, COLUMN_ID, &isnull));
	key->version = pgnet_row_version(pgnet_queue_oid,
									 DatumGetTransactionId(value_of(row, COLUMN_XMIN, &isnull)));
	key->owner = DatumGetObjectId(value_of(row, COLUMN_OWNER, &isnull));
	not_before = value_of(row, COLUMN_NOT_BEFORE, &isnull);
	*due = isnull ? DT_NOBEGIN : DatumGetTimestampTz(not_before);
	is_same = value_of(row, COLUMN_IS_SAME, &isnull);
	key->has_delivery = !isnull && DatumGetBool(is_same);
	if (!key->has_delivery)
		return TIMESTAMP_IS_NOBEGIN(*due);
	*due = DatumGetTimestampTz(value_of(row, COLUMN_DUE, &isnull));
	key->attempts = DatumGetInt32(value_of(row, COLUMN_ATTEMPTS, &isnull));
	key->counted = DatumGetInt32(value_of(row, COLUMN_COUNTED, &isnull));
	key->first_due = DatumGetTimestampTz(value_of(row, COLUMN_FIRST_DUE, &isnull));
	return true;
}

/* Looks at the next rows of a range, at most so many. Returns how many there were. */
static uint64
look_at(Survey *survey, int64 first, int64 last, int most, int limit, TimestampTz now)
{
	Datum values[] = {Int64GetDatum(first), Int64GetDatum(last), Int64GetDatum(most)};
	Datum *unknown;
	int unknown_count = 0;
	uint64 rows;
	uint64 i = 0;

	pgnet_execute(&survey_statement, values, NULL, SPI_OK_SELECT);
	pgnet_check_result(types, lengthof(types));
	rows = SPI_processed;
	unknown = palloc(sizeof(Datum) * (rows + 1));
	for (; i < rows && survey->count < limit; i++)
	{
		DueKey *key = &survey->due[survey->count];
		TimestampTz due;
		bool is_known = read_key(i, key, &due);

		survey->last = key->id;
		if (due <= now)
			survey->count++;
		else if (!is_known)
			unknown[unknown_count++] = Int64GetDatum(key->id);
	}
	survey->complete = i == rows && rows < most && survey->count < limit;
	if (unknown_count > 0)
		pgnet_schedule_anew(unknown, unknown_count);
	return rows;
}

/*
 * The requests of a range that are due, at most limit of them. Where the first ones all wait it looks further, but no more
 * than so far at once. In palloc'd memory.
 */
Survey
pgnet_survey(int64 first, int64 last, int limit)
{
	TimestampTz now = GetCurrentTimestamp();
	Survey survey = {.due = palloc(sizeof(DueKey) * limit)};
	uint64 looked = look_at(&survey, first, last, Max(limit, LEAST_SURVEYED), limit, now);

	while (survey.count == 0 && !survey.complete && looked < MOST_SURVEYED)
		looked += look_at(&survey, survey.last + 1, last, MOST_SURVEYED, limit, now);
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
