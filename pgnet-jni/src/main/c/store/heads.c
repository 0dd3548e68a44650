/*
 * heads.c
 *		The first request of each order key: one that was begun and is sent again, else the one with the lowest id.
 *
 * It is found by an index, from where the last one was found on: a look does not step over the dead entries of those before,
 * which an old transaction of anybody's may keep. An id below that place is told when it is committed, and moves it back.
 */
#include "store/heads.h"
#include "shared/slot.h"
#include "store/ids.h"
#include "store/orphans.h"
#include "store/transaction.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

/* OFFSET has each look made once. No EXISTS, as in due.c. */
static Statement heads_statement = {
	.text = "SELECT k.place::pg_catalog.int4, h.lowest, coalesce(h.begun, h.lowest), "
			"(SELECT q.id FROM net.http_request_queue q WHERE q.id "
			"OPERATOR(pg_catalog.=) coalesce(h.begun, h.lowest)) IS NOT NULL "
			"FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3)) "
			"WITH ORDINALITY k (owner, key, floor, place), LATERAL (SELECT "
			"(SELECT b.request_id FROM net._delivery b WHERE b.key IS NOT NULL "
			"AND b.attempts OPERATOR(pg_catalog.>) 0 AND b.owner OPERATOR(pg_catalog.=) k.owner "
			"AND b.key OPERATOR(pg_catalog.=) k.key "
			"AND b.request_id OPERATOR(pg_catalog.>=) k.floor ORDER BY b.request_id LIMIT 1), "
			"(SELECT d.request_id FROM net._delivery d WHERE d.key IS NOT NULL "
			"AND d.owner OPERATOR(pg_catalog.=) k.owner AND d.key OPERATOR(pg_catalog.=) k.key "
			"AND d.request_id OPERATOR(pg_catalog.>=) k.floor ORDER BY d.request_id LIMIT 1) "
			"OFFSET 0) h (begun, lowest) WHERE h.lowest IS NOT NULL",
	.argument_count = 3,
	.argument_types = {OIDARRAYOID, INT8ARRAYOID, INT8ARRAYOID},
};

static const Oid heads_types[] = {INT4OID, INT8OID, INT8OID, BOOLOID};

/* So many rows of a key that have no request are deleted at once. */
#define MOST_ORPHANS_PASSED 100

/* Where the last first one of a key was found. One of two keys that meet in a place is found from the begin on. */
#define PLACES 8192

static struct
{
	Oid owner;
	int64 key;
	int64 floor;
} places[PLACES];

/* When a table changes, ids may begin anew. */
static void
forget_places_of_other_tables(void)
{
	static uint64 known_changes = 0;

	if (known_changes == pgnet_table_changes())
		return;
	known_changes = pgnet_table_changes();
	memset(places, 0, sizeof(places));
}

/* The place of a key. */
static int
place_of(Oid owner, int64 key)
{
	return ((uint64) key ^ owner) % PLACES;
}

static bool
is_known(Oid owner, int64 key)
{
	int place = place_of(owner, key);

	return places[place].owner == owner && places[place].key == key;
}

/* A request of a key was looked at. */
void
pgnet_note_keyed(Oid owner, int64 key, int64 id)
{
	int place = place_of(owner, key);

	if (is_known(owner, key) && id < places[place].floor)
		places[place].floor = id;
}

/* The lowest id of a key was found. One that was begun may be behind others, and is no floor. */
static void
note_lowest(Oid owner, int64 key, int64 id)
{
	int place = place_of(owner, key);

	places[place].owner = owner;
	places[place].key = key;
	places[place].floor = id;
}

/* The order of keys, for qsort(). */
int
pgnet_compare_order_keys(const void *left, const void *right)
{
	const OrderKey *a = left;
	const OrderKey *b = right;

	if (a->owner != b->owner)
		return a->owner < b->owner ? -1 : 1;
	return a->key < b->key ? -1 : a->key > b->key;
}

/* Asks for the first ones of keys, by their indexes. */
static void
ask(OrderKey *keys, const int *asked, int count)
{
	Datum *owners = palloc(sizeof(Datum) * count);
	Datum *numbers = palloc(sizeof(Datum) * count);
	Datum *floors = palloc(sizeof(Datum) * count);
	Datum values[3];

	for (int i = 0; i < count; i++)
	{
		const OrderKey *key = &keys[asked[i]];

		owners[i] = ObjectIdGetDatum(key->owner);
		numbers[i] = Int64GetDatum(key->key);
		floors[i] = Int64GetDatum(is_known(key->owner, key->key)
									  ? places[place_of(key->owner, key->key)].floor
									  : PG_INT64_MIN);
	}
	values[0] =
		PointerGetDatum(construct_array(owners, count, OIDOID, sizeof(Oid), true, TYPALIGN_INT));
	values[1] = pgnet_id_array(numbers, count);
	values[2] = pgnet_id_array(floors, count);
	pgnet_execute(&heads_statement, values, NULL, SPI_OK_SELECT);
	pgnet_check_result(heads_types, lengthof(heads_types));
}

/* Takes what was found. Returns how many of the rows found have no request, whose indexes and ids it gives. */
static int
take(OrderKey *keys, const int *asked, int *again, Datum *orphans)
{
	int orphan_count = 0;

	for (uint64 i = 0; i < SPI_processed; i++)
	{
		int index = asked[DatumGetInt32(pgnet_result_value(i, 1)) - 1];
		OrderKey *key = &keys[index];

		note_lowest(key->owner, key->key, DatumGetInt64(pgnet_result_value(i, 2)));
		key->head = DatumGetInt64(pgnet_result_value(i, 3));
		key->found = DatumGetBool(pgnet_result_value(i, 4));
		if (key->found)
			continue;
		again[orphan_count] = index;
		orphans[orphan_count++] = Int64GetDatum(key->head);
	}
	return orphan_count;
}

/* Has the worker ask again when it has done what it does now. */
static void
ask_later(const OrderKey *key)
{
	Committed again = {.ids = {key->key, key->key}, .owner = key->owner, .lane = LANE_KEY};

	pgnet_hand_over(&again, 1, true);
}

/* Finds the first request of each key. Within a transaction. */
void
pgnet_find_heads(OrderKey *keys, int count)
{
	int *asked = palloc(sizeof(int) * (count + 1));
	Datum *orphans = palloc(sizeof(Datum) * (count + 1));
	uint64 deleted = 1;
	int left = count;

	forget_places_of_other_tables();
	for (int i = 0; i < count; i++)
	{
		asked[i] = i;
		keys[i].found = false;
	}
	for (int pass = 0; left > 0 && deleted > 0 && pass < MOST_ORPHANS_PASSED; pass++)
	{
		int *again = palloc(sizeof(int) * left);

		ask(keys, asked, left);
		left = take(keys, asked, again, orphans);
		deleted = left > 0 ? pgnet_delete_orphans(orphans, left) : 0;
		asked = again;
	}
	for (int i = 0; i < left && deleted > 0; i++)
		ask_later(&keys[asked[i]]);
}

/* The same in a transaction of its own; false when there are no tables. */
bool
pgnet_look_for_heads(OrderKey *keys, int count)
{
	if (!pgnet_transaction_begin(false))
		return false;
	pgnet_plan_by_index();
	pgnet_find_heads(keys, count);
	pgnet_transaction_end();
	return true;
}
