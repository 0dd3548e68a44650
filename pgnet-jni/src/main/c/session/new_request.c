/*
 * new_request.c
 *		Puts a request into the queue. That is an INSERT; while nothing would see it but the extension, the row that it would
 *		store is stored without it: to set up and end a statement takes several times as long as what the statement does.
 */
#include "session/new_request.h"
#include "session/enqueue.h"
#include "session/plain_queue.h"
#include "session/queued_id.h"
#include "shared/statement.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "commands/sequence.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

/* A request of which nothing is given yet. */
void
pgnet_new_request(NewRequest *request, GivenColumns given)
{
	request->given = given;
	for (int i = 0; i < GIVEN_ALL; i++)
		request->values[i] = (NullableDatum){.isnull = true};
}

/* The INSERT of so many columns. */
static Statement *
statement_of(GivenColumns given)
{
	static Statement statements[GIVEN_ALL + 1];
	Statement *statement = &statements[given];
	StringInfoData columns;
	StringInfoData values;

	if (statement->text != NULL)
		return statement;
	initStringInfo(&columns);
	initStringInfo(&values);
	for (int i = 0; i < given; i++)
	{
		appendStringInfo(&columns, "%s%s", i == 0 ? "" : ", ", pgnet_queue_column_name(i));
		appendStringInfo(&values, "%s$%d", i == 0 ? "" : ", ", i + 1);
		statement->argument_types[i] = pgnet_queue_column_type(i);
	}
	statement->argument_count = given;
	statement->text = MemoryContextStrdup(
		TopMemoryContext, psprintf("INSERT INTO net.http_request_queue (%s) VALUES (%s) "
								   "RETURNING id::pg_catalog.int8",
								   columns.data, values.data));
	return statement;
}

/* Inserts the row by a statement. Returns its id, null when a trigger has left it out. */
static NullableDatum
insert_by_statement(const NewRequest *request)
{
	Datum values[GIVEN_ALL];
	char nulls[GIVEN_ALL];
	NullableDatum id = {.isnull = true};

	for (int i = 0; i < request->given; i++)
	{
		values[i] = request->values[i].value;
		nulls[i] = request->values[i].isnull ? 'n' : ' ';
	}
	SPI_connect();
	pgnet_execute(statement_of(request->given), values, nulls, SPI_OK_INSERT_RETURNING);
	if (SPI_processed > 0)
		id.value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &id.isnull);
	SPI_finish();
	return id;
}

/* Whether a column is null that must not be: the statement has the error for that. */
static bool
lacks_value(const NewRequest *request, const PlainQueue *queue)
{
	TupleDesc descriptor = RelationGetDescr(queue->table);

	for (int i = 0; i < GIVEN_ALL; i++)
		if (request->values[i].isnull &&
			TupleDescAttr(descriptor, queue->attributes[i] - 1)->attnotnull)
			return true;
	return false;
}

/* Raises an error unless the domain of the methods takes this one. */
static void
check_domain(const NewRequest *request, const PlainQueue *queue)
{
	static void *state = NULL;
	Form_pg_attribute method =
		TupleDescAttr(RelationGetDescr(queue->table), queue->attributes[COLUMN_METHOD] - 1);

	domain_check(request->values[COLUMN_METHOD].value, request->values[COLUMN_METHOD].isnull,
				 method->atttypid, &state, TopMemoryContext);
}

/* The row that the statement would make, with this id. */
static HeapTuple
row_of(const NewRequest *request, const PlainQueue *queue, int64 id)
{
	TupleDesc descriptor = RelationGetDescr(queue->table);
	const AttrNumber *attributes = queue->attributes;
	Datum *values = palloc0(descriptor->natts * sizeof(Datum));
	bool *nulls = palloc(descriptor->natts * sizeof(bool));

	memset(nulls, true, descriptor->natts * sizeof(bool));
	for (int i = 0; i < GIVEN_ALL; i++)
	{
		values[attributes[i] - 1] = request->values[i].value;
		nulls[attributes[i] - 1] = request->values[i].isnull;
	}
	values[attributes[COLUMN_ID] - 1] = Int64GetDatum(id);
	values[attributes[COLUMN_OWNER] - 1] = ObjectIdGetDatum(GetUserId());
	values[attributes[COLUMN_CREATED] - 1] = TimestampTzGetDatum(GetCurrentTimestamp());
	nulls[attributes[COLUMN_ID] - 1] = false;
	nulls[attributes[COLUMN_OWNER] - 1] = false;
	nulls[attributes[COLUMN_CREATED] - 1] = false;
	return heap_form_tuple(descriptor, values, nulls);
}

/* Stores a row of this id, where the next statement sees it. False, and nothing is stored, when another request has the id. */
static bool
store(HeapTuple row, int64 id, const PlainQueue *queue)
{
	Relation key = index_open(queue->key, RowExclusiveLock);
	Datum value = Int64GetDatum(id);
	bool isnull = false;
	bool is_unique;

	simple_heap_insert(queue->table, row);
	is_unique = index_insert(key, &value, &isnull, &row->t_self, queue->table, UNIQUE_CHECK_PARTIAL,
							 false, BuildIndexInfo(key));
	index_close(key, NoLock);
	CommandCounterIncrement();
	if (!is_unique)
		simple_heap_delete(queue->table, &row->t_self);
	return is_unique;
}

/* Whether the request waits for a time or for another one, and so is known to a trigger that comes after the row. */
static bool
may_wait(const NewRequest *request)
{
	return !request->values[COLUMN_NOT_BEFORE].isnull || !request->values[COLUMN_ORDER_KEY].isnull;
}

/* Puts the request into the queue. Returns its id, null when something of the owner's has kept it out. */
NullableDatum
pgnet_insert_request(const NewRequest *request)
{
	PlainQueue queue;
	int64 id;

	if (may_wait(request) || !pgnet_open_plain_queue(&queue, request->given))
		return insert_by_statement(request);
	if (lacks_value(request, &queue))
	{
		table_close(queue.table, NoLock);
		return insert_by_statement(request);
	}
	id = nextval_internal(queue.sequence,
						  false); /* first, as the statement: what is refused has used up its id */
	check_domain(request, &queue);
	while (!store(
		pgnet_admit(row_of(request, &queue, id), RelationGetDescr(queue.table), queue.attributes),
		id, &queue))
		id = pgnet_next_free_id(RelationGetRelid(queue.table), queue.sequence);
	table_close(queue.table, NoLock);
	return (NullableDatum){.value = Int64GetDatum(id)};
}
