/*
 * slot.h
 *		The slots of the workers.
 */
#ifndef PGNET_SLOT_H
#define PGNET_SLOT_H

#include "postgres.h"
#include "datatype/timestamp.h"
#include "port/atomics.h"
#include "shared/counters.h"
#include "shared/histogram.h"
#include "shared/ring.h"
#include "storage/latch.h"

/* Nobody sleeps longer until a request or a call is due by the clock, which may be set forward meanwhile. */
#define PGNET_LONGEST_SLEEP_MILLIS 10000L

#define PGNET_MAX_FAILURE_LENGTH 1024
#define PGNET_MAX_HALT_LENGTH 512

/* Who says that a worker which runs sends nothing: its statements, or its Java side. */
typedef enum Halt
{
	HALT_OF_TABLES,
	HALT_OF_ENGINE,
	HALT_COUNT
} Halt;

/* The worker of one database. It outlives the worker's processes. Under the lock of the slots, but for the counters. */
typedef struct WorkerSlot
{
	/* which database */
	char name[NAMEDATALEN]; /* empty when the slot is free */
	Oid database;           /* InvalidOid before the first connection, if only its name is known */
	bool named;             /* by pg_net.database_name; else * stands for it */
	bool dismissed;         /* it is not to be served any more */

	/* the processes */
	uint32
		launch; /* of the last that was asked for; one that comes late is none of the slot's any more */
	pid_t pid;               /* of the running worker, 0 for none */
	Latch *latch;            /* of the running worker, NULL for none */
	bool connected;          /* the running worker takes ids */
	bool serving;            /* its Java side has begun */
	bool no_room;            /* max_worker_processes leaves it none */
	TimestampTz ended_at;    /* the last one, 0 for none */
	TimestampTz idle_since;  /* the running one, 0 while it is not idle */
	bool leave_room;         /* the running one ends when it is idle: others wait for its place */
	bool resting;            /* it ended because it was idle */
	TimestampTz rests_until; /* 0 for until somebody wakes it */
	bool woken;
	TimestampTz restart_requested_at; /* 0 for no request */
	pid_t restart_of;                 /* the process that was asked to end */
	volatile bool
		reload_wanted; /* the configuration was read again, perhaps before the worker heard signals */

	/* callbacks: when to look at them, 0 for never, and whose turn was last */
	TimestampTz callbacks_due;
	Oid last_callback_owner;

	/* since the server started, and now; written by the worker alone */
	pg_atomic_uint64 counters[COUNTER_COUNT];
	Histogram latency;          /* of attempts */
	TimestampTz counting_since; /* when all of these were 0 */

	/* why the worker is away and until when, empty when it is not; see failure.c */
	char failure[PGNET_MAX_FAILURE_LENGTH];
	bool start_failed; /* and would fail again: it did not end otherwise */
	TimestampTz retry_at;
	TimestampTz failed_at;

	volatile bool flows_wanted; /* somebody asks what its requests do; see flow_board.c */

	/* why the running worker sends nothing, empty when it does, and how often it has looked at the tables */
	char halts[HALT_COUNT][PGNET_MAX_HALT_LENGTH];
	TimestampTz halted_since[HALT_COUNT];
	uint64 looks;

	/* the earliest moment at which requests are due that were scheduled since it was taken; DT_NOEND for none */
	TimestampTz next_due;

	/* how often requests were removed or changed by others than the worker */
	uint64 removals;

	Ring ring;
} WorkerSlot;

/* the slot of this process, NULL in any that is not a worker */
extern WorkerSlot *pgnet_my_slot;

/* for who holds the lock of the slots */
extern WorkerSlot *pgnet_slot_of_database(Oid database);
extern WorkerSlot *pgnet_slot_of_name(const char *name);
extern WorkerSlot *pgnet_slot_assign(const char *name, Oid database);
extern void pgnet_slot_free(WorkerSlot *slot);
extern void pgnet_slot_rename(WorkerSlot *slot, const char *name);
extern bool pgnet_slot_is_wanted(const WorkerSlot *slot);
extern void pgnet_slot_end_pause(WorkerSlot *slot);
extern void pgnet_slot_wake(WorkerSlot *slot);
extern void pgnet_slots_reload(void);
extern long pgnet_slot_idle_millis(const WorkerSlot *slot);
extern void pgnet_wake_launcher(void);

extern bool pgnet_has_passed(TimestampTz since, int millis);
extern void pgnet_learn_own_database(void);
extern bool pgnet_is_template(void);
extern bool pgnet_slot_publish(WorkerSlot *slot, Oid database);
extern void pgnet_slot_halt(WorkerSlot *slot, Halt halt, const char *reason);
extern void pgnet_hand_over(const Committed *committed, int count, bool keyed);
extern void pgnet_hand_over_all(void);
extern void pgnet_hand_over_due(TimestampTz due);
extern void pgnet_hand_over_removal(void);
extern uint64 pgnet_removals_so_far(void);
extern int pgnet_take_over(Committed *entries, bool *keyed, TimestampTz *next_due);

#endif /* PGNET_SLOT_H */
