/*
 * time_limit.c
 *		How long a function may run: then it is cancelled, by an error that it can catch, and some seconds later its process
 *		ends, which it cannot.
 */
#include "callback/time_limit.h"
#include "shared/settings.h"

#include <signal.h>

#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/timeout.h"

/* from the cancel to the end of the process */
#define GRACE_MILLIS 5000

static TimeoutId cancel_timeout;
static TimeoutId end_timeout;
static bool registered = false;
static volatile sig_atomic_t reached = false;

/* Cancels what runs. In a signal handler. */
static void
cancel(void)
{
	reached = true;
	InterruptPending = true;
	QueryCancelPending = true;
	SetLatch(MyLatch);
}

/* Ends the process, as SIGTERM does. In a signal handler. */
static void
end_process(void)
{
	InterruptPending = true;
	ProcDiePending = true;
	SetLatch(MyLatch);
}

/* A function begins. */
void
pgnet_time_limit_begin(void)
{
	if (!registered)
	{
		cancel_timeout = RegisterTimeout(USER_TIMEOUT, cancel);
		end_timeout = RegisterTimeout(USER_TIMEOUT, end_process);
		registered = true;
	}
	reached = false;
	enable_timeout_after(cancel_timeout, pgnet_callback_timeout * 1000);
	enable_timeout_after(end_timeout, pgnet_callback_timeout * 1000 + GRACE_MILLIS);
}

/* It is over; a cancel that came too late is for nobody. */
void
pgnet_time_limit_end(void)
{
	disable_timeout(cancel_timeout, false);
	disable_timeout(end_timeout, false);
	QueryCancelPending = false;
}

/* Whether the last function ran for too long. */
bool
pgnet_time_limit_was_reached(void)
{
	return reached;
}
