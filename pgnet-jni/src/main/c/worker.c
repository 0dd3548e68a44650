/*
 * worker.c
 *		The background worker: connects to its database, starts the JVM in its own process and runs the Java side until it
 *		is asked to end.
 */
#include "worker.h"
#include "compat.h"
#include "failure.h"
#include "jvm.h"
#include "libcurl.h"
#include "settings.h"

#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "access/xact.h"
#include "access/xlog.h"
#include "commands/dbcommands.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/fd.h"
#include "storage/ipc.h"
#include "storage/procsignal.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

/* descriptors that are not the transfers': PostgreSQL's files, the JVM, libraries, the log */
#define FILES_OF_POSTGRES 64
#define FILES_OF_OTHERS 96

/* descriptors of one transfer: its socket, and the socket pair of a name resolution */
#define FILES_OF_TRANSFER 3

/* how long requests in flight may go on after net.worker_restart(), and how often it is looked whether they are done */
#define RESTART_GRACE_MILLIS 5000
#define RESTART_POLL_MILLIS 50

WorkerSlot *pgnet_my_slot = NULL;
volatile sig_atomic_t pgnet_in_statement = false;

static volatile sig_atomic_t end_requested = false;
static int doorbell = -1; /* an eventfd: the transfer thread wakes this process's main thread */
static WaitEventSet *wait_set = NULL;
static int most_in_flight = 0;
static int64 reload_count = 0;

/*
 * SIGTERM asks the worker to end, and cancels a statement that runs: an error that can be caught, where PostgreSQL's own
 * handler would raise a FATAL beneath Java frames.
 */
static void
on_sigterm(SIGNAL_ARGS)
{
	int save_errno = errno;

	end_requested = true;
	if (pgnet_in_statement)
	{
		InterruptPending = true;
		QueryCancelPending = true;
	}
	SetLatch(MyLatch);
	errno = save_errno;
}

/*
 * Whether net.worker_restart() may end the worker now: what is in flight may finish, but not for ever.
 */
static bool
restart_is_due(void)
{
	TimestampTz requested_at = pgnet_my_slot->restart_requested_at;

	return requested_at != 0 &&
		   (pg_atomic_read_u64(&pgnet_my_slot->counters[COUNTER_IN_FLIGHT]) == 0 ||
			TimestampDifferenceExceeds(requested_at, GetCurrentTimestamp(), RESTART_GRACE_MILLIS));
}

/* Whether the worker should begin no more requests, because it is to be started anew. */
bool
pgnet_restart_requested(void)
{
	return pgnet_my_slot->restart_requested_at != 0;
}

/* Whether the worker was asked to end. */
bool
pgnet_end_requested(void)
{
	return end_requested || (pgnet_my_slot != NULL && restart_is_due());
}

/* How often the configuration was read again: what is costly to pass on is passed on when this changes. */
int64
pgnet_reload_count(void)
{
	return reload_count;
}

/* Reads the configuration again if SIGHUP asked for it. */
bool
pgnet_reload_settings(void)
{
	if (!ConfigReloadPending)
		return false;
	ConfigReloadPending = false;
	ProcessConfigFile(PGC_SIGHUP);
	reload_count++;
	return true;
}

/* The last callback at the process's end: exit() would run destructors beside living threads of the JVM and of TLS. */
static void
leave_at_once(int code, Datum unused)
{
	_exit(code == 0 ? 1 : code); /* 0 would unregister the worker */
}

static void
leave_slot(int code, Datum unused)
{
	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	pgnet_my_slot->pid = 0;
	pgnet_my_slot->latch = NULL;
	pgnet_my_slot->connected = false;
	LWLockRelease(pgnet_shared->slots_lock);
}

static void
enter_slot(int slot_number)
{
	pgnet_my_slot = &pgnet_shared->slots[slot_number];
	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	pgnet_my_slot->pid = MyProcPid;
	pgnet_my_slot->latch = MyLatch;
	pgnet_my_slot->connected = false;
	pgnet_my_slot->restart_requested_at = 0;
	pg_atomic_write_u64(&pgnet_my_slot->counters[COUNTER_IN_FLIGHT], 0);
	LWLockRelease(pgnet_shared->slots_lock);
	before_shmem_exit(leave_slot, (Datum) 0);
}

/*
 * Raises the soft limit of descriptors to the hard one, and reserves few for PostgreSQL's own files: the worker opens a
 * handful of tables.
 */
static void
raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		elog(ERROR, "could not read the limit of descriptors: %m");
	if (limit.rlim_cur < limit.rlim_max)
	{
		rlim_t old = limit.rlim_cur;

		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
			limit.rlim_cur = old;
	}
	max_safe_fds = Min(max_safe_fds, FILES_OF_POSTGRES);
	most_in_flight =
		(Min(limit.rlim_cur, 1000000) - FILES_OF_POSTGRES - FILES_OF_OTHERS) / FILES_OF_TRANSFER;
	most_in_flight = Max(most_in_flight, 1);
}

/* The most requests that the process's descriptors allow in flight. */
int
pgnet_most_in_flight(void)
{
	return most_in_flight;
}

static void
say_which_database(void *name)
{
	errcontext("pg_net worker connecting to database \"%s\", named in pg_net.database_name",
			   (char *) name);
}

/* Connects to the database, or ends with an error in the log, and pauses at the next start. */
static void
connect_to(char *database)
{
	ErrorContextCallback context = {
		.callback = say_which_database, .arg = database, .previous = error_context_stack};

	error_context_stack = &context;
	pgnet_note_failure(pgnet_my_slot,
					   psprintf("it could not connect to database \"%s\"", database));
	BackgroundWorkerInitializeConnection(database,
										 pgnet_username[0] == '\0' ? NULL : pgnet_username, 0);
	error_context_stack = context.previous;

	if (!pgnet_slot_publish(pgnet_my_slot, MyDatabaseId))
		pgnet_start_failed(pgnet_my_slot,
						   psprintf("another pg_net worker serves database \"%s\"", database),
						   NULL);
	pgnet_note_failure(pgnet_my_slot, "");
}

/* Settings of the worker's own session, whatever the database or role has been given. */
static void
set_session_defaults(void)
{
	static const char *const settings[][2] = {
		{"search_path", "pg_catalog, pg_temp"},
		{"synchronous_commit",
		 "off"}, /* the commit is flushed in the same cycle, see pgnet_wait() */
		{"statement_timeout", "0"},
		{"lock_timeout", "1s"},
		{"idle_in_transaction_session_timeout", "0"},
		{"default_transaction_isolation", "read committed"},
		{"default_transaction_read_only", "off"},
		{"row_security", "on"},
		{"jit", "off"},
		{"plan_cache_mode", "force_generic_plan"},
		{"max_stack_depth",
		 "2MB"}, /* HotSpot puts its guard pages on this thread's stack, at -Xss */
	};

	for (int i = 0; i < lengthof(settings); i++)
		SetConfigOption(settings[i][0], settings[i][1], PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("application_name", "pg_net " PGNET_VERSION, PGC_USERSET, PGC_S_OVERRIDE);
}

static void
make_wait_set(void)
{
	doorbell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (doorbell < 0)
		elog(ERROR, "could not create an eventfd: %m");
	wait_set = pgnet_create_wait_event_set(3);
	AddWaitEventToSet(wait_set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
	AddWaitEventToSet(wait_set, WL_POSTMASTER_DEATH, PGINVALID_SOCKET, NULL, NULL);
	AddWaitEventToSet(wait_set, WL_SOCKET_READABLE, doorbell, NULL, NULL);
}

/* Wakes pgnet_wait(). Any thread; an eventfd needs nothing of PostgreSQL. */
void
pgnet_ring_doorbell(void)
{
	uint64 one = 1;

	while (write(doorbell, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void
silence_doorbell(void)
{
	uint64 count;

	while (read(doorbell, &count, sizeof(count)) < 0 && errno == EINTR)
		;
}

/*
 * Sleeps until the latch is set, the doorbell rings or the time is over; -1 for no limit. Before that it makes the last
 * commit durable: it was announced already, and what a crash can lose is sent again.
 */
void
pgnet_wait(long timeout_millis)
{
	WaitEvent events[3];
	int count;

	if (!XLogRecPtrIsInvalid(XactLastCommitEnd))
	{
		XLogFlush(XactLastCommitEnd);
		XactLastCommitEnd = InvalidXLogRecPtr;
	}
	if (pgnet_restart_requested() && (timeout_millis < 0 || timeout_millis > RESTART_POLL_MILLIS))
		timeout_millis = RESTART_POLL_MILLIS;
	count = WaitEventSetWait(wait_set, timeout_millis, events, lengthof(events), PG_WAIT_EXTENSION);
	for (int i = 0; i < count; i++)
	{
		if (events[i].events & WL_POSTMASTER_DEATH)
			proc_exit(1);
		if (events[i].events & WL_LATCH_SET)
			ResetLatch(MyLatch);
		if (events[i].events & WL_SOCKET_READABLE)
			silence_doorbell();
	}
	QueryCancelPending = false; /* pg_cancel_backend() cancels statements, and none runs */
	CHECK_FOR_INTERRUPTS();
	(void) pgnet_reload_settings();
}

/* The name that this worker serves, or an end: the list may have become shorter since the server started. */
static char *
database_of_slot(int slot_number)
{
	List *names = pgnet_database_names();

	if (slot_number >= list_length(names))
		pgnet_start_failed(
			pgnet_my_slot,
			"pg_net.database_name names fewer databases than when the server started",
			"Restart the server to end this worker.");
	return list_nth(names, slot_number);
}

/* The entry point of the process, for the slot with this number. Never returns. */
void
pgnet_worker_main(Datum slot_number)
{
	char *database;

	pqsignal(SIGTERM, on_sigterm);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();

	on_proc_exit(leave_at_once, (Datum) 0);
	enter_slot(DatumGetInt32(slot_number));
	pgnet_pause_after_failure(pgnet_my_slot);
	if (pgnet_end_requested())
		proc_exit(1);

	raise_descriptor_limit();
	database = database_of_slot(DatumGetInt32(slot_number));
	connect_to(database);
	set_session_defaults();
	make_wait_set();
	pgstat_report_activity(STATE_IDLE, NULL);

	pgnet_run_java(pgnet_my_slot);
	ereport(LOG, (errmsg("pg_net worker of database \"%s\" ends", database)));
	proc_exit(1);
}
