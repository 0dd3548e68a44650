/*
 * interruption.c
 *		What a request to end the process does to a statement that runs: it is cancelled, by an error that can be caught,
 *		where PostgreSQL's own handler of SIGTERM would raise a FATAL beneath Java frames.
 */
#include "postgres.h"

#include "store/interruption.h"

#include <signal.h>

#include "miscadmin.h"

static volatile sig_atomic_t running = false;
static volatile sig_atomic_t interrupted = false;

/* Statements may be cancelled from here on. Raises an error when the process is to end. */
void
pgnet_statement_begins(void)
{
	running = true;
	if (interrupted)
		ereport(ERROR, (errcode(ERRCODE_ADMIN_SHUTDOWN), errmsg("the pg_net worker ends")));
}

/* None runs any more. */
void
pgnet_statement_ends(void)
{
	running = false;
}

/* Cancels the statement that runs, and each that begins after it. Called by a signal handler. */
void
pgnet_interrupt_statements(void)
{
	interrupted = true;
	if (running)
	{
		InterruptPending = true;
		QueryCancelPending = true;
	}
}
