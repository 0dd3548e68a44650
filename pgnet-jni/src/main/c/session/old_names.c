/*
 * old_names.c
 *		The C functions under the names that catalogues older than 1.0 call them by. They work with those catalogues, so that
 *		requests are queued between the restart with this library and ALTER EXTENSION UPDATE, and pg_upgrade finds what it
 *		looks for. After ALTER EXTENSION UPDATE TO '0.20.4' they are called again.
 */
#include "postgres.h"

#include "session/control.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/builtins.h"
#include "utils/wait_event.h"

PG_FUNCTION_INFO_V1(_urlencode_string);
PG_FUNCTION_INFO_V1(_encode_url_with_params_array);
PG_FUNCTION_INFO_V1(worker_restart);
PG_FUNCTION_INFO_V1(wait_until_running);
PG_FUNCTION_INFO_V1(wake);

extern Datum pgnet_urlencode_string(PG_FUNCTION_ARGS);
extern Datum pgnet_encode_url_with_params_array(PG_FUNCTION_ARGS);
extern Datum pgnet_worker_restart(PG_FUNCTION_ARGS);
extern Datum pgnet_worker_state(PG_FUNCTION_ARGS);
extern Datum pgnet_wake(PG_FUNCTION_ARGS);

#define POLL_MILLIS 10

/* net._urlencode_string(string varchar): strict up to 0.15, since then called for null too. */
Datum
_urlencode_string(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return pgnet_urlencode_string(fcinfo);
}

/* net._encode_url_with_params_array(url text, params_array text[]): the same, and not strict in 0.2 either. */
Datum
_encode_url_with_params_array(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	return pgnet_encode_url_with_params_array(fcinfo);
}

/* net.worker_restart(), in C since 0.12. */
Datum
worker_restart(PG_FUNCTION_ARGS)
{
	return pgnet_worker_restart(fcinfo);
}

/* net.wait_until_running(), since 0.17. The worker sends nothing yet. */
Datum
wait_until_running(PG_FUNCTION_ARGS)
{
	while (strcmp(TextDatumGetCString(DirectFunctionCall1(pgnet_worker_state, (Datum) 0)),
				  "starting") == 0)
	{
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, POLL_MILLIS,
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
	pgnet_require_worker(false);
	PG_RETURN_VOID();
}

/* net.wake(), since 0.19: called by each request function, and nothing to do before the update. */
Datum
wake(PG_FUNCTION_ARGS)
{
	return pgnet_wake(fcinfo);
}
