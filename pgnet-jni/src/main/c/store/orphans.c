/*
 * orphans.c
 *		Rows beside the queue whose requests are not there any more: the owner of the tables has deleted these. They are deleted
 *		when they are met; not while somebody has them, since a request of the id may just come again.
 */
#include "store/orphans.h"
#include "shared/slot.h"
#include "store/ids.h"
#include "store/transaction.h"

#define MOST_AT_ONCE 10000

#define DELETE_LOCKED(which)                                                             \
	"DELETE FROM net._delivery d WHERE d.request_id OPERATOR(pg_catalog.=) ANY (ARRAY("  \
	"SELECT o.request_id FROM net._delivery o WHERE " which " FOR UPDATE SKIP LOCKED)) " \
	"AND NOT EXISTS (SELECT FROM net.http_request_queue q "                              \
	"WHERE q.id OPERATOR(pg_catalog.=) d.request_id)"

static Statement chosen_statement = {
	.text = DELETE_LOCKED("o.request_id OPERATOR(pg_catalog.=) ANY ($1)"),
	.argument_count = 1,
	.argument_types = {INT8ARRAYOID},
};

static Statement range_statement = {
	.text = DELETE_LOCKED(
		"o.request_id OPERATOR(pg_catalog.>=) $1 AND o.request_id "
		"OPERATOR(pg_catalog.<=) $2 AND o.key IS NOT NULL AND NOT EXISTS ("
		"SELECT FROM net.http_request_queue r WHERE r.id "
		"OPERATOR(pg_catalog.=) o.request_id) ORDER BY o.request_id LIMIT " CppAsString2(
			MOST_AT_ONCE)),
	.argument_count = 2,
	.argument_types = {INT8OID, INT8OID},
};

/* Deletes those of these ids. Returns how many. Within a transaction. */
uint64
pgnet_delete_orphans(Datum *ids, int count)
{
	Datum array = pgnet_id_array(ids, count);

	pgnet_execute(&chosen_statement, &array, NULL, SPI_OK_DELETE);
	return SPI_processed;
}

/*
 * Deletes those of a range that have order keys, which no moment brings up. Not too many at once: for the rest the whole queue
 * is looked at again. Within a transaction.
 */
void
pgnet_delete_keyed_orphans(int64 first, int64 last)
{
	Datum values[] = {Int64GetDatum(first), Int64GetDatum(last)};

	pgnet_execute(&range_statement, values, NULL, SPI_OK_DELETE);
	if (SPI_processed == MOST_AT_ONCE)
		pgnet_hand_over_all();
}
