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

#include "executor/spi.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "utils/backend_status.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* For errors and notices of the function, in the log. */
static void
tell_context(void *callback)
{
	errcontext("callback of request " INT64_FORMAT, ((WaitingCallback *) callback)->request_id);
}

/* Calls it by a statement, as everybody calls functions: a strict one is not called with a null. */
static void
call_function(Oid owner, const TakenCallback *taken)
{
	Oid function = pgnet_callback_function(TextDatumGetCString(taken->function), owner);
	char *statement = psprintf("SELECT %s($1, $2, $3)", pgnet_callback_function_name(function));
	Oid types[PGNET_CALLBACK_ARGUMENTS];
	Datum values[PGNET_CALLBACK_ARGUMENTS];
	char nulls[PGNET_CALLBACK_ARGUMENTS];
	int result;

	pgnet_callback_argument_types(types);
	for (int i = 0; i < PGNET_CALLBACK_ARGUMENTS; i++)
	{
		values[i] = taken->arguments[i].value;
		nulls[i] = taken->arguments[i].isnull ? 'n' : ' ';
	}
	pgstat_report_activity(STATE_RUNNING, statement);
	SPI_connect();
	result = SPI_execute_with_args(statement, lengthof(types), types, values, nulls, false, 0);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "could not execute \"%s\": %s", statement, SPI_result_code_string(result));
	SPI_finish();
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
