/*
 * schedule.c
 *		When a scheduled request is due: a row beside the queue, in which the worker finds it when its time has come, and the
 *		moment itself for the worker to wake at.
 */
#include "session/schedule.h"
#include "session/enqueue.h"
#include "session/queue_columns.h"
#include "session/queue_owner.h"
#include "shared/memory.h"
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
	.text = "INSERT INTO net._delivery (request_id, version, owner, due, first_due) VALUES ($1, "
			"$2, $3, $4, $4) "
			"ON CONFLICT (request_id) DO UPDATE SET version = excluded.version, owner = "
			"excluded.owner, "
			"due = excluded.due, attempts = 0, counted = 0, first_due = excluded.first_due, "
			"last_status = NULL, last_error = NULL",
	.argument_count = 4,
	.argument_types = {INT8OID, INT8OID, OIDOID, TIMESTAMPTZOID},
};

static Statement forget_statement = {
	.text = "DELETE FROM net._delivery WHERE request_id OPERATOR(pg_catalog.=) $1",
	.argument_count = 1,
	.argument_types = {INT8OID},
};

static Statement truncate_statement = {.text = "TRUNCATE net._delivery"};

/*
 * AFTER INSERT OR UPDATE FOR EACH ROW on net.http_request_queue. After, since only then a row has its version, and is what
 * other triggers have made of it.
 */
Datum
pgnet_schedule(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc descriptor;
	const AttrNumber *attributes;
	HeapTuple row;
	Datum values[4];
	bool is_null;
	bool is_later;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("net._schedule() must be called as a trigger of net.http_request_queue")));
	pgnet_require_preloaded();
	descriptor = RelationGetDescr(trigger->tg_relation);
	attributes = pgnet_queue_attributes(trigger->tg_relation);
	row = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple;

	values[0] = heap_getattr(row, attributes[COLUMN_ID], descriptor, &is_null);
	values[1] = Int64GetDatum(pgnet_row_version(RelationGetRelid(trigger->tg_relation),
												HeapTupleHeaderGetRawXmin(row->t_data)));
	values[2] = heap_getattr(row, attributes[COLUMN_OWNER], descriptor, &is_null);
	values[3] = heap_getattr(row, attributes[COLUMN_NOT_BEFORE], descriptor, &is_null);
	is_later = !is_null && DatumGetTimestampTz(values[3]) > GetCurrentTimestamp();

	SPI_connect();
	if (is_later)
	{
		(void) pgnet_execute_as_owner(&schedule_statement, values, SPI_OK_INSERT);
		pgnet_remember_scheduled(DatumGetInt64(values[0]), DatumGetTimestampTz(values[3]));
	}
	else if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		pgnet_forget_delivery(values[0]);
	SPI_finish();
	return PointerGetDatum(NULL);
}

/* There is no request of this id any more, or it waits for no time. Needs an SPI connection. */
void
pgnet_forget_delivery(Datum id)
{
	(void) pgnet_execute_as_owner(&forget_statement, &id, SPI_OK_DELETE);
}

/* There is no request any more. */
void
pgnet_forget_all_delivery(void)
{
	SPI_connect();
	(void) pgnet_execute_as_owner(&truncate_statement, NULL, SPI_OK_UTILITY);
	SPI_finish();
}
