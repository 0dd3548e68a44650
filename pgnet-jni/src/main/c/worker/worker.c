/*
 * worker.c
 *		The background worker: connects to its database and runs the Java side until it is asked to end.
 */
#include "worker/failure.h"
#include "worker/journal.h"
#include "worker/jvm.h"
#include "worker/process.h"
#include "shared/settings.h"
#include "store/owner_search_path.h"

#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"

/* max_stack_depth of the worker's session */
#define STACK_KB "2048"

static emit_log_hook_type previous_log_hook;

extern PGDLLEXPORT void pgnet_worker_main(Datum slot_number);

/* The context of an error while the worker connects. */
static void
say_which_database(void *name)
{
	errcontext("pg_net worker connecting to database \"%s\", named in pg_net.database_name",
			   (char *) name);
}

/* Keeps what the log is told, for net.check_worker_is_up(): why the server refuses the connection. */
static void
keep_refusal(ErrorData *error)
{
	if (error->elevel >= ERROR)
		pgnet_note_failed_start(pgnet_my_slot,
								psprintf("it could not connect to database \"%s\": %s",
										 pgnet_my_slot->name, error->message));
	if (previous_log_hook)
		previous_log_hook(error);
}

/* Connects to the database, or ends with an error in the log. */
static void
connect_to(char *database)
{
	ErrorContextCallback context = {
		.callback = say_which_database, .arg = database, .previous = error_context_stack};

	error_context_stack = &context;
	previous_log_hook = emit_log_hook;
	emit_log_hook = keep_refusal;
	pgnet_note_failed_start(pgnet_my_slot,
							psprintf("it could not connect to database \"%s\"", database));
	pgnet_note_configured_search_path();
	BackgroundWorkerInitializeConnection(database,
										 pgnet_username[0] == '\0' ? NULL : pgnet_username, 0);
	pgnet_note_search_path_of_session();
	emit_log_hook = previous_log_hook;
	error_context_stack = context.previous;

	if (!pgnet_slot_publish(pgnet_my_slot, MyDatabaseId))
		pgnet_start_failed(pgnet_my_slot,
						   psprintf("another pg_net worker serves database \"%s\"", database),
						   NULL);
}

/* Ends the worker when the process has less stack than its statements may use, and what PostgreSQL keeps free beside. */
static void
check_stack(void)
{
	long limit = get_stack_depth_rlimit();
	long needed = atol(STACK_KB) * 1024L + STACK_DEPTH_SLOP;

	if (limit > 0 && limit < needed)
		pgnet_start_failed(pgnet_my_slot,
						   psprintf("its stack is limited to %ld kB and it needs %ld kB",
									limit / 1024, needed / 1024),
						   "Start the server with a higher limit (ulimit -s, or LimitSTACK= of its "
						   "service).");
}

/* Settings of the worker's own session, whatever the database or role has been given. */
static void
set_session_defaults(void)
{
	static const char *const settings[][2] = {
		{"synchronous_commit",
		 "off"}, /* the commit is flushed in the same cycle, see pgnet_wait() */
		{"statement_timeout", "0"},
		{"lock_timeout", "500ms"}, /* as in callback_transaction.c */
		{"idle_in_transaction_session_timeout", "0"},
#if PG_VERSION_NUM >= 170000
		{"transaction_timeout", "0"}, /* it would end the process beneath Java frames */
#endif
		{"default_transaction_isolation", "read committed"},
		{"default_transaction_read_only", "off"},
		{"row_security", "on"},
		{"exit_on_error", "off"}, /* an error would end the process beneath Java frames */
		{"jit", "off"},
		{"max_parallel_workers_per_gather", "0"}, /* the rows may hold pointers, see large_body.c */
#ifdef USE_LZ4
		/* pglz takes most of the time that a large body takes; a column may be told otherwise */
		{"default_toast_compression", "lz4"},
#endif
		{"plan_cache_mode", "force_generic_plan"},
		{"max_stack_depth",
		 STACK_KB "kB"}, /* HotSpot puts its guard pages on this thread's stack, at -Xss */
	};

	pgnet_note_failed_start(pgnet_my_slot,
							"the server refused a setting of its session, see the log");
	for (int i = 0; i < lengthof(settings); i++)
		SetConfigOption(settings[i][0], settings[i][1], PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("application_name", "pg_net " PGNET_VERSION, PGC_USERSET, PGC_S_OVERRIDE);
}

/* The entry point of the process, for the slot with this number. Never returns. */
void
pgnet_worker_main(Datum slot_number)
{
	bool has_paused;

	pgnet_process_begin(DatumGetInt32(slot_number));
	has_paused = pgnet_my_slot->failure[0] != '\0';
	check_stack();
	connect_to(pstrdup(pgnet_my_slot->name));
	set_session_defaults();
	pgstat_report_activity(STATE_IDLE, NULL);
	pgnet_journal_open(MyDatabaseId);
	if (!has_paused)
		pgnet_pause_after_crash(pgnet_my_slot);
	pgnet_note_start(pgnet_my_slot);

	pgnet_journal_running();
	pgnet_run_java(pgnet_my_slot);
	pgnet_journal_ended_in_order();
	ereport(pgnet_rests() ? DEBUG1 : LOG,
			(errmsg("pg_net worker of database \"%s\" ends", pgnet_my_slot->name)));
	proc_exit(0);
}
