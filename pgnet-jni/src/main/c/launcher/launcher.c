/*
 * launcher.c
 *		The process that has the workers run which pg_net.database_name asks for: it starts, ends and restarts them. It has no
 *		JVM and no connection to a database; with * it reads the catalogue of databases, which needs none.
 */
#include "launcher/assignment.h"
#include "launcher/callbacks.h"
#include "launcher/scout.h"
#include "launcher/supervision.h"
#include "shared/memory.h"

#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/wait_event.h"

extern PGDLLEXPORT void pgnet_launcher_main(Datum unused);

/* The launcher is away: the postmaster starts it again, and workers run on. */
static void
leave(int code, Datum unused)
{
	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	pgnet_shared->launcher_latch = NULL;
	LWLockRelease(pgnet_shared->slots_lock);
}

/* This process is the launcher. */
static void
enter(void)
{
	pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	ConfigReloadPending =
		true; /* the first time, and one may have come before the process heard signals */
	BackgroundWorkerUnblockSignals();
	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	pgnet_shared->launcher_latch = MyLatch;
	LWLockRelease(pgnet_shared->slots_lock);
	before_shmem_exit(leave, (Datum) 0);
}

/* Sleeps until somebody wants something or the time is over; -1 for no limit. */
static void
sleep_for(long millis)
{
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_EXIT_ON_PM_DEATH | (millis < 0 ? 0 : WL_TIMEOUT),
					 Min(millis, PGNET_LONGEST_SLEEP_MILLIS), PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
}

/* The shorter of two times; -1 is for ever. */
static long
sooner(long one, long other)
{
	return one < 0 || other < 0 ? Max(one, other) : Min(one, other);
}

/* The entry point of the process. Never returns. */
void
pgnet_launcher_main(Datum unused)
{
	MemoryContext turn =
		AllocSetContextCreate(TopMemoryContext, "pg_net launcher's turn", ALLOCSET_DEFAULT_SIZES);

	enter();
	MemoryContextSwitchTo(turn);
	while (!ShutdownRequestPending)
	{
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
			pgnet_slots_reload();
			pgnet_assign_databases();
		}
		sleep_for(sooner(pgnet_start_callback_processes(),
						 sooner(pgnet_supervise(), pgnet_send_scout())));
		MemoryContextReset(turn);
	}
	proc_exit(1);
}
