/*
 * process.c
 *		The worker as a process: its place in shared memory, its signals and descriptors, its wait and its end.
 */
#include "worker/process.h"
#include "store/due.h"
#include "store/interruption.h"
#include "shared/compat.h"
#include "shared/memory.h"
#include "shared/registration.h"
#include "worker/journal.h"

#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "access/xact.h"
#include "access/xlog.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/fd.h"
#include "storage/ipc.h"
#include "storage/pmsignal.h"
#include "storage/procsignal.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

/* descriptors that are not the transfers': PostgreSQL's files, the JVM, libraries, the log */
#define FILES_OF_POSTGRES 64
#define FILES_OF_OTHERS 96

/* descriptors of one transfer: its socket, the socket pair of a name resolution, and two resolutions that outlived theirs */
#define FILES_OF_TRANSFER 5

/* how long requests in flight may go on after net.worker_restart(), and how often it is looked whether they are done */
#define RESTART_GRACE_MILLIS 5000
#define RESTART_POLL_MILLIS 50

/* a worker that has something to do so soon does not end for being idle */
#define SHORTEST_REST_MILLIS 10000

static volatile sig_atomic_t end_requested = false;
static int bell = -1; /* an eventfd: the threads of Java wake this process's main thread */
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
	pgnet_interrupt_statements();
	SetLatch(MyLatch);
	errno = save_errno;
}

/* The postmaster ends all its processes at once, for a crash of another one or an immediate shutdown. */
static void
on_sigquit(SIGNAL_ARGS)
{
	pgnet_journal_ended_in_order();
	SignalHandlerForCrashExit(PGNET_SIGNAL_ARGUMENTS);
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
			pgnet_has_passed(requested_at, RESTART_GRACE_MILLIS));
}

/* Whether the worker should begin no more requests, because it is to be started anew. */
bool
pgnet_restart_requested(void)
{
	return pgnet_my_slot->restart_requested_at != 0;
}

/* Shows whether the worker has something to do, and from when on it has not. */
void
pgnet_note_activity(bool active)
{
	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	pgnet_my_slot->idle_since = active ? 0 : GetCurrentTimestamp();
	LWLockRelease(pgnet_shared->slots_lock);
}

/* The milliseconds until the worker is idle for so long that it ends; -1 for never. */
static long
millis_until_rest(void)
{
	long most = pgnet_slot_idle_millis(pgnet_my_slot);
	TimestampTz idle_since = pgnet_my_slot->idle_since;

	if (most < 0 || idle_since == 0)
		return -1;
	if (pgnet_my_slot->leave_room || pgnet_has_passed(idle_since, most))
		return 0;
	return most - TimestampDifferenceMilliseconds(idle_since, GetCurrentTimestamp());
}

/* The worker is to end, and not to be started again before somebody wakes it or it has something to do. */
static void
begin_rest(long millis_until_due)
{
	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	pgnet_my_slot->resting = true;
	pgnet_my_slot->woken = false;
	pgnet_my_slot->rests_until =
		millis_until_due < 0 ? 0
							 : TimestampTzPlusMilliseconds(GetCurrentTimestamp(), millis_until_due);
	LWLockRelease(pgnet_shared->slots_lock);
}

/* Whether the worker ends because it is idle. */
bool
pgnet_rests(void)
{
	return pgnet_my_slot != NULL && pgnet_my_slot->resting;
}

/* Whether the worker was asked to end. */
bool
pgnet_end_requested(void)
{
	return end_requested || pgnet_rests() || (pgnet_my_slot != NULL && restart_is_due());
}

/* How often the configuration was read again. */
int64
pgnet_reload_count(void)
{
	return reload_count;
}

/* Reads the configuration again if SIGHUP or the launcher asked for it. */
bool
pgnet_reload_settings(void)
{
	if (!ConfigReloadPending && !pgnet_my_slot->reload_wanted)
		return false;
	ConfigReloadPending = false;
	pgnet_my_slot->reload_wanted = false;
	ProcessConfigFile(PGC_SIGHUP);
	reload_count++;
	return true;
}

/*
 * The last callback at the process's end: exit() would run destructors beside living threads of the JVM and of TLS. With 0
 * or 1: anything else, which a JVM that calls exit() brings about, is a crash to the postmaster.
 */
static void
leave_at_once(int code, Datum unused)
{
	if (end_requested || !PostmasterIsAlive())
		pgnet_journal_ended_in_order();
	_exit(code == 0 ? 0 : 1);
}

/* The slot has no process any more. */
static void
leave_slot(int code, Datum unused)
{
	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	pgnet_my_slot->pid = 0;
	pgnet_my_slot->latch = NULL;
	pgnet_my_slot->connected = false;
	pgnet_my_slot->serving = false;
	pgnet_my_slot->ended_at = GetCurrentTimestamp();
	pgnet_wake_launcher();
	LWLockRelease(pgnet_shared->slots_lock);
}

/* Whether a process with this number is the one that the slot waits for. */
static bool
is_expected(const WorkerSlot *slot, uint32 launch)
{
	return slot->launch == launch && slot->pid == 0 && !slot->dismissed && slot->name[0] != '\0';
}

/* This process is that of the slot, or ends: the launcher may have thought better of it meanwhile. */
static void
enter_slot(int slot_number)
{
	WorkerSlot *slot = &pgnet_shared->slots[slot_number];
	bool expected;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	expected = is_expected(slot, pgnet_my_launch());
	if (expected)
	{
		slot->pid = MyProcPid;
		slot->latch = MyLatch;
		slot->connected = false;
		slot->serving = false;
		slot->idle_since = GetCurrentTimestamp();
		slot->leave_room = false;
		slot->resting = false;
		slot->woken = false;
		slot->restart_requested_at = 0;
		for (int i = 0; i < HALT_COUNT; i++)
			slot->halts[i][0] = '\0';
		pg_atomic_write_u64(&slot->counters[COUNTER_IN_FLIGHT], 0);
	}
	LWLockRelease(pgnet_shared->slots_lock);
	if (!expected)
		proc_exit(0);
	pgnet_my_slot = slot;
	before_shmem_exit(leave_slot, (Datum) 0);
}

/*
 * The descriptors that the process has from the postmaster: few, but with io_method = io_uring one for each process that the
 * server may have.
 */
static int
open_files(void)
{
	DIR *directory = AllocateDir("/proc/self/fd");
	int count = 0;

	while (ReadDirExtended(directory, "/proc/self/fd", LOG) != NULL)
		count++;
	FreeDir(directory);
	return count;
}

/*
 * Raises the soft limit of descriptors to the hard one, and reserves few for PostgreSQL's own files: the worker opens a
 * handful of tables.
 */
static void
raise_descriptor_limit(void)
{
	struct rlimit limit;
	int left;

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
	left = (int) Min(limit.rlim_cur, 1000000) - open_files() - FILES_OF_POSTGRES - FILES_OF_OTHERS;
	most_in_flight = Max(left / FILES_OF_TRANSFER, 1);
}

/* The most requests that the process's descriptors allow in flight. */
int
pgnet_most_in_flight(void)
{
	return most_in_flight;
}

/* Makes what pgnet_wait() waits for. */
static void
make_wait_set(void)
{
	bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (bell < 0)
		elog(ERROR, "could not create an eventfd: %m");
	wait_set = pgnet_create_wait_event_set(3);
	AddWaitEventToSet(wait_set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
	AddWaitEventToSet(wait_set, WL_POSTMASTER_DEATH, PGINVALID_SOCKET, NULL, NULL);
	AddWaitEventToSet(wait_set, WL_SOCKET_READABLE, bell, NULL, NULL);
}

/* Wakes pgnet_wait(). Any thread; an eventfd needs nothing of PostgreSQL. */
void
pgnet_ring_bell(void)
{
	uint64 one = 1;

	while (write(bell, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

/* The bell is quiet until it is rung again. */
static void
silence_bell(void)
{
	uint64 count;

	while (read(bell, &count, sizeof(count)) < 0 && errno == EINTR)
		;
}

/* The shorter of two times to sleep; a negative one is no limit. */
static long
shorter(long one, long other)
{
	return one < 0 || other < 0 ? Max(one, other) : Min(one, other);
}

/*
 * Sleeps until the latch is set, the bell rings or the time is over; -1 for no limit. Before that it makes the last
 * commit durable: it was announced already, and what a crash can lose is sent again.
 */
void
pgnet_wait(long timeout_millis)
{
	WaitEvent events[3];
	int count;
	long rest;
	long statistics;

	if (!XLogRecPtrIsInvalid(XactLastCommitEnd))
	{
		XLogFlush(XactLastCommitEnd);
		XactLastCommitEnd = InvalidXLogRecPtr;
	}
	rest = millis_until_rest();
	if (rest == 0 && (timeout_millis < 0 || timeout_millis >= SHORTEST_REST_MILLIS))
	{
		begin_rest(timeout_millis);
		return;
	}
	if (rest > 0)
		timeout_millis = shorter(timeout_millis, rest);
	if (pgnet_restart_requested())
		timeout_millis = shorter(timeout_millis, RESTART_POLL_MILLIS);
	if (pgnet_is_delivery_expected())
		timeout_millis = Min(timeout_millis, PGNET_LONGEST_SLEEP_MILLIS);
	/* while it works, what was counted in the last second is kept back, and nothing may follow that reports it */
	statistics = pgstat_report_stat(pgnet_my_slot->idle_since != 0);
	if (statistics > 0)
		timeout_millis = shorter(timeout_millis, statistics);
	count = WaitEventSetWait(wait_set, timeout_millis, events, lengthof(events), PG_WAIT_EXTENSION);
	if (count == 0 && timeout_millis == statistics)
		(void) pgstat_report_stat(true);
	for (int i = 0; i < count; i++)
	{
		if (events[i].events & WL_POSTMASTER_DEATH)
			proc_exit(1);
		if (events[i].events & WL_LATCH_SET)
			ResetLatch(MyLatch);
		if (events[i].events & WL_SOCKET_READABLE)
			silence_bell();
	}
	QueryCancelPending = false; /* pg_cancel_backend() cancels statements, and none runs */
	CHECK_FOR_INTERRUPTS();
	(void) pgnet_reload_settings();
}

/* Makes this process the worker of the slot with this number. */
void
pgnet_process_begin(int slot_number)
{
	pqsignal(SIGTERM, on_sigterm);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGQUIT, on_sigquit);
	BackgroundWorkerUnblockSignals();

	on_proc_exit(leave_at_once, (Datum) 0);
	enter_slot(slot_number);
	raise_descriptor_limit();
	make_wait_set();
}
