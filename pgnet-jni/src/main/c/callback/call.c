/*
 * call.c
 *		Calls the function of one callback. The row of the callback goes in the transaction that the function runs in, so what
 *		the function does and the fact that it was done commit together, or not at all.
 */
#include "callback/call.h"
#include "callback/time_limit.h"
#include "callback/callback_transaction.h"
#include "shared/settings.h"
#include "store/session_state.h"

#include "access/xact.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "pgstat.h"
#include "utils/backend_status.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* For errors and notices of the function, in the log. */
static void
tell_context(void *callback)
{
	errcontext("callback of request " INT64_FORMAT, ((WaitingCallback *) callback)->request_id);
}

/* The call as an expression. */
static Expr *
call_of(Oid function, const NullableDatum *arguments)
{
	Oid types[PGNET_CALLBACK_ARGUMENTS];
	List *constants = NIL;

	pgnet_callback_argument_types(types);
	for (int i = 0; i < PGNET_CALLBACK_ARGUMENTS; i++)
	{
		int16 length;
		bool by_value;

		get_typlenbyval(types[i], &length, &by_value);
		constants =
			lappend(constants, makeConst(types[i], -1, InvalidOid, length, arguments[i].value,
										 arguments[i].isnull, by_value));
	}
	return (Expr *) makeFuncExpr(function, get_func_rettype(function), constants, InvalidOid,
								 InvalidOid, COERCE_EXPLICIT_CALL);
}

/*
 * Calls it as a statement would: a strict one is not called with a null. A statement could not say which function is meant when
 * another one of its name has more arguments, which have defaults.
 */
static void
call_function(Oid owner, const TakenCallback *taken)
{
	Oid function = pgnet_callback_function(TextDatumGetCString(taken->function), owner);
	EState *executor = CreateExecutorState();
	bool isnull;

	pgstat_report_activity(
		STATE_RUNNING, psprintf("SELECT %s($1, $2, $3)", pgnet_callback_function_name(function)));
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	(void) ExecEvalExprSwitchContext(ExecPrepareExpr(call_of(function, taken->arguments), executor),
									 GetPerTupleExprContext(executor), &isnull);
	PopActiveSnapshot();
	FreeExecutorState(executor);
}

/* Takes the callback, calls its function and commits. An error leaves the transaction open. */
static void
take_and_call(Oid owner, const WaitingCallback *callback)
{
	ErrorContextCallback context = {
		.callback = tell_context,
		.arg = unconstify(WaitingCallback *, callback),
		.previous = error_context_stack,
	};
	TakenCallback taken;

	if (!pgnet_callback_transaction_begin())
		return;
	if (pgnet_take_callback(owner, callback, &taken))
	{
		pgnet_callback_transaction_become(owner);
		error_context_stack = &context;
		pgnet_time_limit_begin();
		call_function(owner, &taken);
		pgnet_time_limit_end();
		error_context_stack = context.previous;
	}
	pgnet_callback_transaction_end();
}

/* What an error says, in memory that outlives the transaction; the log has it too. */
static char *
tell_of_error(MemoryContext memory)
{
	ErrorData *error;
	char *reason;

	EmitErrorReport();
	MemoryContextSwitchTo(memory);
	error = CopyErrorData();
	FlushErrorState();
	if (pgnet_time_limit_was_reached() && error->sqlerrcode == ERRCODE_QUERY_CANCELED)
		reason = psprintf("cancelled after pg_net.callback_timeout (%d s)", pgnet_callback_timeout);
	else
		reason = psprintf("%s: %s", unpack_sql_state(error->sqlerrcode),
						  error->message == NULL ? "an error without a message" : error->message);
	FreeErrorData(error);
	return reason;
}

/*
 * Makes one attempt, which is counted before. False when none was made. Raises an error only when something else than the
 * function fails.
 */
bool
pgnet_call(Oid owner, const WaitingCallback *callback)
{
	WaitingCallback counted = {callback->request_id, callback->attempts + 1};
	MemoryContext memory = CurrentMemoryContext;
	ErrorContextCallback *contexts = error_context_stack;
	char *volatile reason = NULL;

	if (!pgnet_count_attempt(owner, callback))
		return false;
	PG_TRY();
	{
		take_and_call(owner, &counted);
	}
	PG_CATCH();
	{
		HOLD_INTERRUPTS();
		pgnet_time_limit_end();
		error_context_stack = contexts;
		reason = tell_of_error(memory);
		pgnet_callback_transaction_abort();
		RESUME_INTERRUPTS();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(memory);
	pgnet_forget_session_state();
	pgstat_report_activity(STATE_IDLE, NULL);
	if (reason != NULL)
		pgnet_note_callback_failure(owner, &counted, reason);
	return true;
}
