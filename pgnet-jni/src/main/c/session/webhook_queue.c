/*
 * webhook_queue.c
 *		Puts the requests of a webhook into the queue. They differ in their bodies alone, so one row is checked for all of them.
 *		While nothing would see an INSERT but the extension, the rows are stored without one, as COPY does it; see new_request.c.
 */
#include "session/webhook_queue.h"
#include "session/enqueue.h"
#include "session/plain_queue.h"
#include "session/queue_columns.h"
#include "session/queued_id.h"
#include "session/new_request.h"
#include "shared/as_owner.h"
#include "shared/lane.h"
#include "shared/own_table.h"
#include "shared/statement.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/pg_type.h"
#include "commands/sequence.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

/* Rows of some kilobytes, stored together. */
#define ROWS_AT_A_TIME 64

struct WebhookQueue
{
	Oid owner;
	Datum *values; /* of the columns of the queue, where they are the same in each row */
	bool *nulls;
};

/* All that a row has but its id, moment and body; as the queue's owner, who alone may write all of it. */
static Statement insert_statement = {
	.text =
		"INSERT INTO net.http_request_queue (method, url, headers, timeout_milliseconds, "
		"policy, secrets, sign_with, webhook, owner, body) "
		"SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, b.body FROM pg_catalog.unnest($10) b (body) "
		"RETURNING id::pg_catalog.int8",
	.argument_count = 10,
	.argument_types = {TEXTOID, TEXTOID, JSONBOID, INT4OID, TEXTOID, TEXTARRAYOID, TEXTOID, TEXTOID,
					   OIDOID, BYTEAARRAYOID},
};

static const QueueColumn inserted_columns[] = {COLUMN_METHOD,    COLUMN_URL,     COLUMN_HEADERS,
											   COLUMN_TIMEOUT,   COLUMN_POLICY,  COLUMN_SECRETS,
											   COLUMN_SIGN_WITH, COLUMN_WEBHOOK, COLUMN_OWNER};

/* Raises an error unless the role in force may make requests. */
static void
check_privilege(Relation table, const AttrNumber *attributes)
{
	Oid oid = RelationGetRelid(table);

	if (pg_class_aclcheck(oid, GetUserId(), ACL_INSERT) != ACLCHECK_OK &&
		pg_attribute_aclcheck(oid, attributes[COLUMN_URL], GetUserId(), ACL_INSERT) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, "http_request_queue");
}

/* Gives a column of the row that all are like a value. */
static void
set(WebhookQueue *queue, AttrNumber attribute, Datum value)
{
	queue->values[attribute - 1] = value;
	queue->nulls[attribute - 1] = false;
}

/* Fills the row that all are like. */
static void
fill(WebhookQueue *queue, const Webhook *webhook, const AttrNumber *attributes)
{
	set(queue, attributes[COLUMN_METHOD], CStringGetTextDatum("POST"));
	set(queue, attributes[COLUMN_URL], CStringGetTextDatum(webhook->url));
	set(queue, attributes[COLUMN_HEADERS], webhook->headers);
	set(queue, attributes[COLUMN_TIMEOUT], Int32GetDatum(webhook->timeout_milliseconds));
	set(queue, attributes[COLUMN_POLICY], CStringGetTextDatum(webhook->policy));
	if (!webhook->secrets.isnull)
		set(queue, attributes[COLUMN_SECRETS], webhook->secrets.value);
	if (webhook->secret != NULL)
		set(queue, attributes[COLUMN_SIGN_WITH], CStringGetTextDatum(webhook->secret));
	set(queue, attributes[COLUMN_WEBHOOK], CStringGetTextDatum(webhook->name));
	set(queue, attributes[COLUMN_OWNER], ObjectIdGetDatum(queue->owner));
}

/*
 * Prepares the requests of a webhook, in the current memory context and with the rights of its owner; an error when they cannot
 * be sent as things are.
 */
WebhookQueue *
pgnet_webhook_queue(const Webhook *webhook)
{
	WebhookQueue *queue = palloc0(sizeof(WebhookQueue));
	Relation table = table_open(pgnet_get_table("http_request_queue"), RowExclusiveLock);
	TupleDesc descriptor = RelationGetDescr(table);
	const AttrNumber *attributes = pgnet_queue_attributes(table);
	HeapTuple row;

	check_privilege(table, attributes);
	queue->owner = GetUserId();
	queue->values = palloc0(descriptor->natts * sizeof(Datum));
	queue->nulls = palloc(descriptor->natts * sizeof(bool));
	memset(queue->nulls, true, descriptor->natts * sizeof(bool));
	fill(queue, webhook, attributes);
	row = pgnet_admit(heap_form_tuple(descriptor, queue->values, queue->nulls), descriptor,
					  attributes);
	heap_deform_tuple(row, descriptor, queue->values, queue->nulls);
	table_close(table, NoLock);
	return queue;
}

/* Inserts the rows by a statement. Returns the id of the last one, null when something of the owner's has kept it out. */
static NullableDatum
insert(WebhookQueue *queue, bytea **bodies, int count)
{
	Relation table = table_open(pgnet_get_table("http_request_queue"), RowExclusiveLock);
	const AttrNumber *attributes = pgnet_queue_attributes(table);
	Datum values[lengthof(inserted_columns) + 1];
	char nulls[lengthof(inserted_columns) + 1];
	Datum *elements = palloc(count * sizeof(Datum));
	NullableDatum id = {.isnull = true};
	AsOwner caller;

	for (int i = 0; i < lengthof(inserted_columns); i++)
	{
		values[i] = queue->values[attributes[inserted_columns[i]] - 1];
		nulls[i] = queue->nulls[attributes[inserted_columns[i]] - 1] ? 'n' : ' ';
	}
	for (int i = 0; i < count; i++)
		elements[i] = PointerGetDatum(bodies[i]);
	values[lengthof(inserted_columns)] =
		PointerGetDatum(construct_array(elements, count, BYTEAOID, -1, false, TYPALIGN_INT));
	nulls[lengthof(inserted_columns)] = ' ';
	caller = pgnet_as_owner_begin(RelationGetRelid(table));
	table_close(table, NoLock);
	SPI_connect();
	pgnet_execute(&insert_statement, values, nulls, SPI_OK_INSERT_RETURNING);
	if (SPI_processed > 0)
		id.value = SPI_getbinval(SPI_tuptable->vals[SPI_processed - 1], SPI_tuptable->tupdesc, 1,
								 &id.isnull);
	SPI_finish();
	pgnet_as_owner_end(caller);
	return id;
}

/* Fills a slot with a row of this id. */
static void
put_row(TupleTableSlot *slot, const WebhookQueue *queue, const PlainQueue *plain, bytea *body,
		int64 id)
{
	const AttrNumber *attributes = plain->attributes;
	int columns = slot->tts_tupleDescriptor->natts;

	ExecClearTuple(slot);
	memcpy(slot->tts_values, queue->values, columns * sizeof(Datum));
	memcpy(slot->tts_isnull, queue->nulls, columns * sizeof(bool));
	slot->tts_values[attributes[COLUMN_ID] - 1] = Int64GetDatum(id);
	slot->tts_values[attributes[COLUMN_BODY] - 1] = PointerGetDatum(body);
	slot->tts_values[attributes[COLUMN_CREATED] - 1] = TimestampTzGetDatum(GetCurrentTimestamp());
	slot->tts_isnull[attributes[COLUMN_ID] - 1] = false;
	slot->tts_isnull[attributes[COLUMN_BODY] - 1] = false;
	slot->tts_isnull[attributes[COLUMN_CREATED] - 1] = false;
	ExecStoreVirtualTuple(slot);
}

/* Makes the row of a slot known by its id. False when another request has the id. */
static bool
index_row(TupleTableSlot *slot, const PlainQueue *plain, Relation key, IndexInfo *key_info)
{
	bool isnull;
	Datum id = slot_getattr(slot, plain->attributes[COLUMN_ID], &isnull);

	return index_insert(key, &id, &isnull, &slot->tts_tid, plain->table, UNIQUE_CHECK_PARTIAL,
						false, key_info);
}

/* Stores the row of a slot under another id than the one that another request has. */
static void
store_again(TupleTableSlot *slot, const WebhookQueue *queue, const PlainQueue *plain, bytea *body,
			Relation key, IndexInfo *key_info)
{
	do
	{
		CommandCounterIncrement();
		simple_heap_delete(plain->table, &slot->tts_tid);
		put_row(slot, queue, plain, body,
				pgnet_next_free_id(RelationGetRelid(plain->table), plain->sequence));
		table_tuple_insert(plain->table, slot, GetCurrentCommandId(true), 0, NULL);
	} while (!index_row(slot, plain, key, key_info));
}

/* Stores rows, and remembers their ids. */
static void
store(TupleTableSlot **slots, const WebhookQueue *queue, const PlainQueue *plain, bytea **bodies,
	  int count, Relation key, IndexInfo *key_info)
{
	for (int i = 0; i < count; i++)
		put_row(slots[i], queue, plain, bodies[i], nextval_internal(plain->sequence, false));
	table_multi_insert(plain->table, slots, count, GetCurrentCommandId(true), 0, NULL);
	for (int i = 0; i < count; i++)
	{
		bool isnull;

		if (!index_row(slots[i], plain, key, key_info))
			store_again(slots[i], queue, plain, bodies[i], key, key_info);
		pgnet_remember_admitted(
			DatumGetInt64(slot_getattr(slots[i], plain->attributes[COLUMN_ID], &isnull)),
			queue->owner, LANE_NORMAL);
	}
}

/* Stores the rows without a statement, where the next one sees them. Returns the id of the last one. */
static NullableDatum
insert_plainly(WebhookQueue *queue, const PlainQueue *plain, bytea **bodies, int count)
{
	Relation key = index_open(plain->key, RowExclusiveLock);
	IndexInfo *key_info = BuildIndexInfo(key);
	TupleTableSlot *slots[ROWS_AT_A_TIME];
	int slot_count = Min(count, ROWS_AT_A_TIME);
	NullableDatum id = {.isnull = true};

	for (int i = 0; i < slot_count; i++)
		slots[i] = table_slot_create(plain->table, NULL);
	for (int stored = 0; stored < count; stored += slot_count)
	{
		int part = Min(slot_count, count - stored);

		store(slots, queue, plain, bodies + stored, part, key, key_info);
		id.value = slot_getattr(slots[part - 1], plain->attributes[COLUMN_ID], &id.isnull);
	}
	for (int i = 0; i < slot_count; i++)
		ExecDropSingleTupleTableSlot(slots[i]);
	index_close(key, NoLock);
	CommandCounterIncrement();
	return id;
}

/*
 * Queues a request for each of the bodies, of which there is at least one, with the rights of the webhook's owner. Returns the id
 * of the last one, null when something of the queue's owner has kept it out.
 */
NullableDatum
pgnet_webhook_queue_add(WebhookQueue *queue, bytea **bodies, int count)
{
	PlainQueue plain;
	NullableDatum id;

	if (!pgnet_open_plain_queue(&plain, GIVEN_ALL))
		return insert(queue, bodies, count);
	id = insert_plainly(queue, &plain, bodies, count);
	table_close(plain.table, NoLock);
	return id;
}
