/*
 * schedule.c
 *		What is kept beside the queue of a request that may not be sent at once: when it is due, where the worker finds it when
 *		its time has come, with the moment itself for the worker to wake at; and its order key, by which the worker finds the
 *		next one.
 */
#include "session/schedule.h"
#include "session/enqueue.h"
#include "session/queue_columns.h"
#include "session/queue_owner.h"
#include "shared/memory.h"
#include "shared/order_key.h"
#include "shared/row_version.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(pgnet_schedule);

/* A row of the same id is that of an older request, or of this one as it was before. */
static Statement schedule_statement = {
	.text = "INSERT INTO net._delivery (request_id, version, owner, due, first_due, key) VALUES "
			"($1, $2, $3, $4, $5, $6) "
			"ON CONFLICT (request_id) DO UPDATE SET version = excluded.version, owner = "
			"excluded.owner, "
			"due = excluded.due, attempts = 0, counted = 0, first_due = excluded.first_due, "
			"last_status = NULL, last_error = NULL, left_alone_until = NULL, key = excluded.key",
	.argument_count = 6,
	.argument_types = {INT8OID, INT8OID, OIDOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID},
};

/* By the index of the keyed ones. */
static Statement any_keyed_statement = {
	.text = "SELECT FROM net._delivery WHERE key IS NOT NULL LIMIT 1",
};

static Statement forget_statement = {
	.text = "DELETE FROM net._delivery WHERE request_id OPERATOR(pg_catalog.=) $1",
	.argument_count = 1,
	.argument_types = {INT8OID},
};

static Statement truncate_statement = {.text = "TRUNCATE net._delivery"};

/* A column of a row. */
static NullableDatum
column_of(const TriggerData *trigger, HeapTuple row, QueueColumn column)
{
	NullableDatum result;

	result.value = heap_getattr(row, pgnet_queue_attributes(trigger->tg_relation)[column],
								RelationGetDescr(trigger->tg_relation), &result.isnull);
	return result;
}

/* Who waited for the row as it was, by an order key that it has no more, waits no longer. */
static void
free_old_key(const TriggerData *trigger, NullableDatum owner, NullableDatum key)
{
	NullableDatum old_owner = column_of(trigger, trigger->tg_trigtuple, COLUMN_OWNER);
	NullableDatum old_key = column_of(trigger, trigger->tg_trigtuple, COLUMN_ORDER_KEY);

	if (old_key.isnull)
		return;
	if (key.isnull || old_owner.value != owner.value ||
		pgnet_order_key(old_key.value) != pgnet_order_key(key.value))
		pgnet_remember_key(DatumGetObjectId(old_owner.value), pgnet_order_key(old_key.value));
}

/* When its first attempt is due, as PGNET_SAME_REQUEST_SQL has it. */
static Datum
first_due(NullableDatum created, NullableDatum not_before)
{
	TimestampTz made = created.isnull ? GetCurrentTimestamp() : DatumGetTimestampTz(created.value);

	return TimestampTzGetDatum(
		not_before.isnull ? made : Max(made, DatumGetTimestampTz(not_before.value)));
}

/* Writes what is kept of a row, with its moment if that is to come. Needs an SPI connection. */
static void
keep(const TriggerData *trigger, HeapTuple row, NullableDatum not_before, NullableDatum key)
{
	bool is_later =
		!not_before.isnull && DatumGetTimestampTz(not_before.value) > GetCurrentTimestamp();
	NullableDatum created = column_of(trigger, row, COLUMN_CREATED);
	Datum id = column_of(trigger, row, COLUMN_ID).value;
	Datum values[] = {
		id,
		Int64GetDatum(pgnet_row_version(RelationGetRelid(trigger->tg_relation),
										HeapTupleHeaderGetRawXmin(row->t_data))),
		column_of(trigger, row, COLUMN_OWNER).value,
		/* by its order key it is found without a moment */
		is_later ? not_before.value : TimestampTzGetDatum(DT_NOBEGIN),
		first_due(created, not_before),
		key.isnull ? (Datum) 0 : Int64GetDatum(pgnet_order_key(key.value)),
	};
	const char nulls[] = {' ', ' ', ' ', ' ', ' ', key.isnull ? 'n' : ' '};

	if (is_later || !key.isnull)
		(void) pgnet_execute_as_owner_with(&schedule_statement, values, nulls, SPI_OK_INSERT);
	else if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		pgnet_forget_delivery(id);
	if (is_later)
		pgnet_remember_scheduled(DatumGetInt64(id), DatumGetTimestampTz(not_before.value));
	if (!key.isnull)
		pgnet_remember_keyed();
}

/*
 * AFTER INSERT OR UPDATE FOR EACH ROW on net.http_request_queue. After, since only then a row has its version, and is what
 * other triggers have made of it.
 */
Datum
pgnet_schedule(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	HeapTuple row;
	NullableDatum key;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("net._schedule() must be called as a trigger of net.http_request_queue")));
	pgnet_require_preloaded();
	row = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple;
	key = column_of(trigger, row, COLUMN_ORDER_KEY);

	SPI_connect();
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		free_old_key(trigger, column_of(trigger, row, COLUMN_OWNER), key);
	keep(trigger, row, column_of(trigger, row, COLUMN_NOT_BEFORE), key);
	SPI_finish();
	return PointerGetDatum(NULL);
}

/* There is no request of this id any more, or it waits for no time. Needs an SPI connection. */
void
pgnet_forget_delivery(Datum id)
{
	(void) pgnet_execute_as_owner(&forget_statement, &id, SPI_OK_DELETE);
}

/* Whether any request has an order key. */
bool
pgnet_is_any_keyed(void)
{
	bool any;

	SPI_connect();
	any = pgnet_execute_as_owner(&any_keyed_statement, NULL, SPI_OK_SELECT) > 0;
	SPI_finish();
	return any;
}

/* There is no request any more. */
void
pgnet_forget_all_delivery(void)
{
	SPI_connect();
	(void) pgnet_execute_as_owner(&truncate_statement, NULL, SPI_OK_UTILITY);
	SPI_finish();
}
