/*
 * absence.c
 *		Which requests are not in the queue any more, or not in this version: those that the worker holds and somebody may have
 *		removed.
 */
#include "store/absence.h"
#include "shared/row_version.h"
#include "shared/statement.h"
#include "store/ids.h"
#include "store/transaction.h"

#include "catalog/pg_type.h"

/* No EXISTS, as in due.c. */
static Statement absent_statement = {
	.text = "SELECT k.place::pg_catalog.int4 FROM ROWS FROM (pg_catalog.unnest($1), "
			"pg_catalog.unnest($2)) WITH ORDINALITY k (id, version, place) WHERE (SELECT q.id FROM "
			"net.http_request_queue q WHERE q.id OPERATOR(pg_catalog.=) k.id AND "
			"k.version OPERATOR(pg_catalog.=) " PGNET_ROW_VERSION_SQL ") IS NULL",
	.argument_count = 2,
	.argument_types = {INT8ARRAYOID, INT8ARRAYOID},
};

static const Oid absent_types[] = {INT4OID};

/* Looks for the requests with these ids and versions. Gives the places of those that are not there; returns how many. */
int
pgnet_find_absent(const int64 *ids, const int64 *versions, int count, int *absent)
{
	Datum *id_values = palloc(sizeof(Datum) * (count + 1));
	Datum *version_values = palloc(sizeof(Datum) * (count + 1));
	int found;
	Datum values[2];

	for (int i = 0; i < count; i++)
	{
		id_values[i] = Int64GetDatum(ids[i]);
		version_values[i] = Int64GetDatum(versions[i]);
	}
	if (!pgnet_transaction_begin(false))
		return 0;
	pgnet_plan_by_index();
	values[0] = pgnet_id_array(id_values, count);
	values[1] = pgnet_id_array(version_values, count);
	pgnet_execute(&absent_statement, values, NULL, SPI_OK_SELECT);
	pgnet_check_result(absent_types, lengthof(absent_types));
	found = (int) SPI_processed;
	for (int i = 0; i < found; i++)
		absent[i] = DatumGetInt32(pgnet_result_value(i, 1)) - 1;
	pgnet_transaction_end();
	return found;
}
