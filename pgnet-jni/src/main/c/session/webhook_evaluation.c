/*
 * webhook_evaluation.c
 *		What one webhook makes of the rows of a statement: which it sends, and what. That runs functions of the webhook's owner
 *		and of the types of the columns, so all of it has the owner's rights.
 *
 * What raises an error does not break the statement: rows are evaluated together in a subtransaction, and after an error once
 * more, each in one of its own.
 */
#include "session/webhook_evaluation.h"
#include "shared/compat.h"
#include "session/webhook_condition.h"
#include "session/webhook_queue.h"
#include "session/webhook_refusal.h"

#include "access/xact.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"

struct Evaluation
{
	const Webhook *webhook;
	Oid owner;
	Relation table;
	const WebhookEvent *event;

	WebhookForm *form;
	bool is_prepared;
	WebhookQueue *queue;
	List *columns; /* numbers of those of which one must differ; NIL for any */
	ExprState *condition;

	MemoryContext memory;     /* of the statement */
	MemoryContext row_memory; /* of one row */
	ExprContext *context;
	TupleTableSlot *old_slot;
	TupleTableSlot *new_slot;

	int64 refused;
	char *first_error;
};

/* An evaluation in the current memory context, which is the statement's. */
Evaluation *
pgnet_webhook_evaluation(const Webhook *webhook, Oid owner, Relation table,
						 const WebhookEvent *event)
{
	Evaluation *evaluation = palloc0(sizeof(Evaluation));
	TupleDesc descriptor = CreateTupleDescCopy(RelationGetDescr(table)); /* not counted */

	evaluation->webhook = webhook;
	evaluation->owner = owner;
	evaluation->table = table;
	evaluation->event = event;
	evaluation->form = pgnet_webhook_form(event, webhook->is_supabase, descriptor);
	evaluation->memory = CurrentMemoryContext;
	evaluation->row_memory =
		AllocSetContextCreate(CurrentMemoryContext, "pg_net row", ALLOCSET_DEFAULT_SIZES);
	evaluation->context = CreateStandaloneExprContext();
	evaluation->old_slot = MakeSingleTupleTableSlot(descriptor, &TTSOpsMinimalTuple);
	evaluation->new_slot = MakeSingleTupleTableSlot(descriptor, &TTSOpsMinimalTuple);
	return evaluation;
}

/* The numbers of the columns that are compared; an error when one has gone. */
static List *
column_numbers(const Evaluation *evaluation)
{
	List *numbers = NIL;
	ListCell *cell;

	foreach (cell, evaluation->webhook->columns)
	{
		int number = SPI_fnumber(RelationGetDescr(evaluation->table), lfirst(cell));

		if (number <= 0)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("column \"%s\" of relation \"%s\" does not exist",
							(char *) lfirst(cell), RelationGetRelationName(evaluation->table))));
		numbers = lappend_int(numbers, number);
	}
	return numbers;
}

/* What is the same for all rows. */
static void
prepare(Evaluation *evaluation)
{
	MemoryContext before = MemoryContextSwitchTo(evaluation->memory);
	const Webhook *webhook = evaluation->webhook;

	evaluation->columns = column_numbers(evaluation);
	if (webhook->condition != NULL)
		evaluation->condition =
			pgnet_webhook_condition(webhook->condition, evaluation->table, evaluation->event->name);
	evaluation->queue = pgnet_webhook_queue(webhook);
	evaluation->is_prepared = true;
	MemoryContextSwitchTo(before);
}

/* Puts a row into the slots. */
static void
take(Evaluation *evaluation, const RowPair *row)
{
	ExecClearTuple(evaluation->old_slot);
	ExecClearTuple(evaluation->new_slot);
	if (row->old_row != NULL)
		ExecStoreMinimalTuple(row->old_row, evaluation->old_slot, false);
	if (row->new_row != NULL)
		ExecStoreMinimalTuple(row->new_row, evaluation->new_slot, false);
}

/* Whether one of the columns differs, byte for byte. Only an UPDATE has both rows; without the old one nobody knows. */
static bool
differs(const Evaluation *evaluation)
{
	TupleDesc descriptor = RelationGetDescr(evaluation->table);
	ListCell *cell;

	if (evaluation->columns == NIL || TupIsNull(evaluation->old_slot) ||
		TupIsNull(evaluation->new_slot))
		return true;
	foreach (cell, evaluation->columns)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, lfirst_int(cell) - 1);
		bool old_isnull;
		bool new_isnull;
		Datum old_value = slot_getattr(evaluation->old_slot, lfirst_int(cell), &old_isnull);
		Datum new_value = slot_getattr(evaluation->new_slot, lfirst_int(cell), &new_isnull);

		if (old_isnull != new_isnull ||
			(!old_isnull &&
			 !datum_image_eq(old_value, new_value, attribute->attbyval, attribute->attlen)))
			return true;
	}
	return false;
}

/* Where there is no row, a condition finds one of nulls. */
static TupleTableSlot *
row_or_nulls(TupleTableSlot *slot)
{
	return TupIsNull(slot) ? ExecStoreAllNullTuple(slot) : slot;
}

/* Whether the condition holds for the row in the slots; null is false. */
static bool
holds(Evaluation *evaluation, const RowPair *row)
{
	ExprContext *context = evaluation->context;
	bool isnull;
	Datum result;

	if (evaluation->condition == NULL)
		return true;
	ResetExprContext(context);
	context->ecxt_innertuple = row_or_nulls(evaluation->old_slot);
	context->ecxt_outertuple = row_or_nulls(evaluation->new_slot);
	result = ExecEvalExprSwitchContext(evaluation->condition, context, &isnull);
	take(evaluation, row);
	return !isnull && DatumGetBool(result);
}

/* The body for the row in the slots, in a memory context. */
static bytea *
render(Evaluation *evaluation, MemoryContext memory)
{
	MemoryContext before = MemoryContextSwitchTo(evaluation->row_memory);
	bytea *body = pgnet_webhook_body(evaluation->form, evaluation->old_slot, evaluation->new_slot);
	bytea *copy = MemoryContextAlloc(memory, VARSIZE(body));

	memcpy(copy, body, VARSIZE(body));
	MemoryContextSwitchTo(before);
	MemoryContextReset(evaluation->row_memory);
	return copy;
}

/* Makes the bodies of those rows that are sent. Returns how many. */
static int
evaluate(Evaluation *evaluation, const RowPair *rows, int count, bytea **bodies,
		 MemoryContext memory)
{
	int wanted = 0;

	if (!evaluation->is_prepared)
		prepare(evaluation);
	for (int i = 0; i < count; i++)
	{
		take(evaluation, &rows[i]);
		if (differs(evaluation) && holds(evaluation, &rows[i]))
			bodies[wanted++] = render(evaluation, memory);
	}
	return wanted;
}

/* Raises an error again that is none of the webhook: of a cancelled statement, or a transaction that is to be tried again. */
static void
pass_on(ErrorData *error)
{
	int category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	if (category == ERRCODE_TO_CATEGORY(ERRCODE_QUERY_CANCELED) ||
		category == ERRCODE_TO_CATEGORY(ERRCODE_T_R_SERIALIZATION_FAILURE) ||
		category == ERRCODE_TO_CATEGORY(ERRCODE_INSUFFICIENT_RESOURCES))
		ReThrowError(error);
}

/* What is tried of some rows. */
typedef int (*Attempt)(Evaluation *evaluation, const RowPair *rows, int count, bytea **bodies,
					   MemoryContext memory);

/* Tries it in a subtransaction. Returns what it returns; after an error -1, and the error. */
static int
attempt(Evaluation *evaluation, Attempt function, const RowPair *rows, int count, bytea **bodies,
		ErrorData **error)
{
	MemoryContext memory = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile int wanted = -1;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(memory);
	PG_TRY();
	{
		wanted = function(evaluation, rows, count, bodies, memory);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(memory);
		*error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(memory);
		CurrentResourceOwner = owner;
		pass_on(*error);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(memory);
	CurrentResourceOwner = owner;
	return wanted;
}

/* Makes the body of one row, whether it would be sent or not. */
static int
render_only(Evaluation *evaluation, const RowPair *row, int count, bytea **bodies,
			MemoryContext memory)
{
	take(evaluation, row);
	bodies[0] = render(evaluation, memory);
	return 1;
}

/* Keeps a row that could not be evaluated. */
static void
refuse(Evaluation *evaluation, const RowPair *row, const ErrorData *error)
{
	bytea *body = NULL;
	ErrorData *other;

	if (attempt(evaluation, render_only, row, 1, &body, &other) < 0)
		body = NULL;
	pgnet_keep_refused(evaluation->webhook, evaluation->owner, body, error->message);
	if (evaluation->refused++ == 0)
		evaluation->first_error = MemoryContextStrdup(evaluation->memory, error->message);
}

/* Evaluates rows one after the other, after an error of one of them. Returns how many are sent. */
static int
evaluate_each(Evaluation *evaluation, const RowPair *rows, int count, bytea **bodies)
{
	int wanted = 0;

	for (int i = 0; i < count; i++)
	{
		ErrorData *error;
		int added = attempt(evaluation, evaluate, &rows[i], 1, &bodies[wanted], &error);

		if (added >= 0)
			wanted += added;
		else
			refuse(evaluation, &rows[i], error);
	}
	return wanted;
}

/* Says whose error it is. */
static void
tell_context(void *webhook)
{
	errcontext("webhook \"%s\"", ((const Webhook *) webhook)->name);
}

/* Queues requests for those of the rows that the webhook sends. With the rights of its owner. */
void
pgnet_webhook_evaluate(Evaluation *evaluation, const RowPair *rows, int count)
{
	ErrorContextCallback context = {
		.callback = tell_context,
		.arg = unconstify(Webhook *, evaluation->webhook),
		.previous = error_context_stack,
	};
	bytea **bodies = palloc(count * sizeof(bytea *));
	ErrorData *error;
	int wanted;

	error_context_stack = &context;
	if (evaluation->webhook->strict)
		wanted = evaluate(evaluation, rows, count, bodies, CurrentMemoryContext);
	else
		wanted = attempt(evaluation, evaluate, rows, count, bodies, &error);
	if (wanted < 0)
		wanted = evaluate_each(evaluation, rows, count, bodies);
	if (wanted > 0)
		(void) pgnet_webhook_queue_add(evaluation->queue, bodies, wanted);
	error_context_stack = context.previous;
}

/* Warns of the rows that could not be evaluated, if there are any: once for a statement. */
void
pgnet_webhook_warn(const Evaluation *evaluation)
{
	if (evaluation->refused == 0)
		return;
	ereport(WARNING,
			(errmsg_plural("webhook \"%s\" could not be evaluated for " INT64_FORMAT " row: %s",
						   "webhook \"%s\" could not be evaluated for " INT64_FORMAT " rows: %s",
						   evaluation->refused, evaluation->webhook->name, evaluation->refused,
						   evaluation->first_error),
			 errhint("They are in net.dead_letters, with reason refused. Correct the webhook, then "
					 "send them with net.retry_all.")));
}
