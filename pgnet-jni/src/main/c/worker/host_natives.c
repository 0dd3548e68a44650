/*
 * host_natives.c
 *		The natives of the worker's process: its wait and end, what was committed, settings, waiters, counters, journal, log.
 */
#include "worker/natives.h"
#include "worker/native_call.h"

#include "access/xlog.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "shared/flow_board.h"
#include "shared/latency.h"
#include "shared/settings.h"
#include "shared/waiters.h"
#include "store/due.h"
#include "store/moment.h"
#include "worker/contract.h"
#include "worker/journal.h"
#include "worker/process.h"

/* of what was committed, so many for each entry */
#define COMMITTED_LONGS 4

/* the earliest moment for which requests were scheduled, of those that Java does not know yet */
static TimestampTz next_due = DT_NOEND;

/* what pg_stat_activity shows */
static bool shown_active = false;

/* Sleeps as pgnet_wait() says. */
static void JNICALL
native_await(JNIEnv *env, jclass class, jlong timeout_millis)
{
	NATIVE_BEGIN()
	pgnet_wait(timeout_millis);
	pgnet_latencies_yield();
	NATIVE_END;
}

/* Wakes pgnet_wait(). Any thread. */
static void JNICALL
native_ring_bell(JNIEnv *env, jclass class)
{
	pgnet_ring_bell();
}

/* Whether the worker was asked to end. */
static jboolean JNICALL
native_end_requested(JNIEnv *env, jclass class)
{
	return pgnet_end_requested();
}

/* What was committed: of each entry its first and last id, its owner and its lane. */
static jlongArray JNICALL
native_drain(JNIEnv *env, jclass class)
{
	jlongArray volatile result = NULL;

	NATIVE_BEGIN(NULL)
	Committed *entries = palloc(sizeof(Committed) * PGNET_RING_SIZE);
	jlong *values;
	bool keyed;
	TimestampTz due;
	int count = pgnet_take_over(entries, &keyed, &due);

	if (keyed || !TIMESTAMP_IS_NOEND(due))
		pgnet_expect_delivery();
	next_due = Min(next_due, due);
	values = palloc(sizeof(jlong) * COMMITTED_LONGS * (count + 1));
	for (int i = 0; i < count; i++)
		memcpy(&values[i * COMMITTED_LONGS],
			   ((jlong[COMMITTED_LONGS]){entries[i].ids.first, entries[i].ids.last,
										 entries[i].owner, entries[i].lane}),
			   sizeof(jlong) * COMMITTED_LONGS);
	result = (*env)->NewLongArray(env, count * COMMITTED_LONGS);
	if (result != NULL)
		(*env)->SetLongArrayRegion(env, result, 0, count * COMMITTED_LONGS, values);
	NATIVE_END;
	return result;
}

/* The next moment that came with the ids, in microseconds since 1970; INT64_MAX for none. */
static jlong JNICALL
native_drain_scheduled(JNIEnv *env, jclass class)
{
	jlong micros = pgnet_unix_micros(next_due);

	next_due = DT_NOEND;
	return micros;
}

/* How often requests were removed or changed by others. */
static jlong JNICALL
native_removals(JNIEnv *env, jclass class)
{
	return pgnet_removals_so_far();
}

/* How often the configuration was read again: settings are passed on when this changes. */
static jlong JNICALL
native_reload_count(JNIEnv *env, jclass class)
{
	return pgnet_reload_count();
}

/* Whether no more requests should be begun, because the worker is to be started anew. */
static jboolean JNICALL
native_restart_requested(JNIEnv *env, jclass class)
{
	return pgnet_restart_requested();
}

/* The most requests that the process's descriptors allow in flight. */
static jint JNICALL
native_most_in_flight(JNIEnv *env, jclass class)
{
	return pgnet_most_in_flight();
}

/* The settings for the worker, as name, value, name, value, ... */
static jobjectArray JNICALL
native_settings(JNIEnv *env, jclass class)
{
	jobjectArray volatile result = NULL;

	NATIVE_BEGIN(NULL)
	List *texts = NIL;
	const char *name;
	char *value;

	for (int position = 0; (name = pgnet_next_worker_setting(&position, &value)) != NULL;)
		texts = lappend(lappend(texts, unconstify(char *, name)), value);
	result = (*env)->NewObjectArray(env, list_length(texts), (*env)->FindClass(env, "[B"), NULL);
	for (int i = 0; i < list_length(texts) && !(*env)->ExceptionCheck(env); i++)
	{
		jbyteArray text = pgnet_to_bytes(env, list_nth(texts, i));

		if (text != NULL)
			(*env)->SetObjectArrayElement(env, result, i, text);
		(*env)->DeleteLocalRef(env, text);
	}
	NATIVE_END;
	return result;
}

/* Wakes the sessions that wait for one of the ids. */
static void JNICALL
native_announce_ids(JNIEnv *env, jclass class, jlongArray sorted_ids)
{
	NATIVE_BEGIN()
	jsize count = (*env)->GetArrayLength(env, sorted_ids);
	int64 *ids = palloc(sizeof(int64) * (count + 1));

	(*env)->GetLongArrayRegion(env, sorted_ids, 0, count, (jlong *) ids);
	pgnet_wake_waiters_of_ids(ids, count, true);
	NATIVE_END;
}

/* Wakes the sessions that wait for an id in the range. */
static void JNICALL
native_announce_range(JNIEnv *env, jclass class, jlong first, jlong last)
{
	NATIVE_BEGIN()
	pgnet_wake_waiters_of_range((IdRange){first, last});
	NATIVE_END;
}

/* The counters of this worker's slot, which the Java side adds to: each an int64 of its own, in the order of Counter. */
static jobject JNICALL
native_counters(JNIEnv *env, jclass class)
{
#ifdef PG_HAVE_ATOMIC_U64_SIMULATION
#error "the Java side adds to the counters by atomic instructions"
#endif
	StaticAssertStmt(sizeof(pgnet_my_slot->counters) == sizeof(int64) * COUNTER_COUNT,
					 "read by Java");
	return (*env)->NewDirectByteBuffer(env, pgnet_my_slot->counters,
									   sizeof(pgnet_my_slot->counters));
}

/* Shows in pg_stat_activity whether the worker has something to do. */
static void JNICALL
native_report_activity(JNIEnv *env, jclass class, jboolean active)
{
	NATIVE_BEGIN()
	if (active != shown_active)
		pgnet_note_activity(active);
	if (active && !shown_active)
		pgstat_report_activity(STATE_RUNNING, "pg_net requests");
	if (!active && shown_active)
	{
		pgstat_report_stat(true); /* whoever sees that it is idle sees what it did */
		pgstat_report_activity(STATE_IDLE, NULL);
	}
	shown_active = active;
	NATIVE_END;
}

/* Shows that the Java side has begun, and why it sends nothing: UTF-8, empty while it does. */
static void JNICALL
native_report_halt(JNIEnv *env, jclass class, jbyteArray reason)
{
	NATIVE_BEGIN()
	pgnet_slot_halt(pgnet_my_slot, HALT_OF_ENGINE, pgnet_from_utf8_bytes(env, reason));
	pgnet_my_slot->serving = true;
	NATIVE_END;
}

/* Whether somebody asks what the requests do; true once. */
static jboolean JNICALL
native_flows_wanted(JNIEnv *env, jclass class)
{
	return pgnet_flows_wanted();
}

/* A text of the array, as C has it, and no half of a character at its end. */
static void
copy_text(JNIEnv *env, jobjectArray texts, int *place, char *out, Size size)
{
	jbyteArray text = (*env)->GetObjectArrayElement(env, texts, (*place)++);
	jsize length = (*env)->GetArrayLength(env, text);

	length = Min(length, (jsize) size - 1);
	(*env)->GetByteArrayRegion(env, text, 0, length, (jbyte *) out);
	out[pg_encoding_mbcliplen(PG_UTF8, out, length, length)] = '\0';
	(*env)->DeleteLocalRef(env, text);
}

/* A number of the array. */
static int64
number_of(JNIEnv *env, jobjectArray texts, int *place)
{
	char digits[32];

	copy_text(env, texts, place, digits, sizeof(digits));
	return strtoll(digits, NULL, 10);
}

/* Answers what the requests do: texts and numbers of each flow, in the order of FlowTexts. */
static void JNICALL
native_answer_flows(JNIEnv *env, jclass class, jobjectArray texts)
{
	NATIVE_BEGIN()
	int count = Min((*env)->GetArrayLength(env, texts) / PGNET_FLOW_TEXTS, PGNET_MOST_FLOWS);
	Flow *flows = palloc0(sizeof(Flow) * (count + 1));
	int place = 0;

	for (Flow *flow = flows; flow < flows + count; flow++)
	{
		copy_text(env, texts, &place, flow->origin, sizeof(flow->origin));
		copy_text(env, texts, &place, flow->sender, sizeof(flow->sender));
		copy_text(env, texts, &place, flow->reason, sizeof(flow->reason));
		copy_text(env, texts, &place, flow->breaker, sizeof(flow->breaker));
		flow->owner = (Oid) number_of(env, texts, &place);
		flow->number = number_of(env, texts, &place);
		flow->waiting = number_of(env, texts, &place);
		flow->in_flight = number_of(env, texts, &place);
		flow->tokens = number_of(env, texts, &place) / 1000.0;
		flow->paused_until = pgnet_timestamp_of(number_of(env, texts, &place));
		flow->started = number_of(env, texts, &place);
		flow->failed = number_of(env, texts, &place);
		flow->retried = number_of(env, texts, &place);
		flow->hindrance = (Hindrance) number_of(env, texts, &place);
		flow->broken_since = pgnet_timestamp_of(number_of(env, texts, &place));
		copy_text(env, texts, &place, flow->last_error, sizeof(flow->last_error));
		flow->last_failed = pgnet_timestamp_of(number_of(env, texts, &place));
	}
	pgnet_answer_flows(flows, count);
	NATIVE_END;
}

/* The memory for the requests in flight. */
static jobject JNICALL
native_journal(JNIEnv *env, jclass class)
{
	return (*env)->NewDirectByteBuffer(env, pgnet_journal_requests(), PGNET_JOURNAL_REQUESTS_BYTES);
}

/* Whether the last process ended abnormally; true once. */
static jboolean JNICALL
native_take_abnormal_end(JNIEnv *env, jclass class)
{
	return pgnet_journal_take_abnormal_end();
}

/* A line in the server's log, and a detail, which is in the database's encoding; empty for none. */
static void JNICALL
native_log(JNIEnv *env, jclass class, jboolean warning, jbyteArray message, jbyteArray detail)
{
	NATIVE_BEGIN()
	char *detail_text = pgnet_from_bytes(env, detail);

	/* a message looks for a cancel, which is for statements, and none runs */
	HOLD_INTERRUPTS();
	ereport(warning ? WARNING : LOG,
			(errmsg_internal("%s", pgnet_from_utf8_bytes(env, message)),
			 detail_text[0] != '\0' ? errdetail_internal("%s", detail_text) : 0));
	RESUME_INTERRUPTS();
	NATIVE_END;
}

/* The number of the cluster and that of the database. */
static jlongArray JNICALL
native_identity(JNIEnv *env, jclass class)
{
	jlong values[] = {(jlong) GetSystemIdentifier(), MyDatabaseId};
	jlongArray result = (*env)->NewLongArray(env, lengthof(values));

	if (result != NULL)
		(*env)->SetLongArrayRegion(env, result, 0, lengthof(values), values);
	return result;
}

/* What Java and C must agree on. */
static jbyteArray JNICALL
native_contract(JNIEnv *env, jclass class)
{
	jbyteArray volatile result = NULL;

	NATIVE_BEGIN(NULL)
	result = pgnet_to_bytes(env, pgnet_contract());
	NATIVE_END;
	return result;
}

static const JNINativeMethod methods[] = {
	{"await", "(J)V", native_await},
	{"ringBell", "()V", native_ring_bell},
	{"endRequested", "()Z", native_end_requested},
	{"drain", "()[J", native_drain},
	{"drainScheduled", "()J", native_drain_scheduled},
	{"removals", "()J", native_removals},
	{"reloadCount", "()J", native_reload_count},
	{"restartRequested", "()Z", native_restart_requested},
	{"mostInFlight", "()I", native_most_in_flight},
	{"settings", "()[[B", native_settings},
	{"announce", "([J)V", native_announce_ids},
	{"announce", "(JJ)V", native_announce_range},
	{"reportActivity", "(Z)V", native_report_activity},
	{"reportHalt", "([B)V", native_report_halt},
	{"counters", "()Ljava/nio/ByteBuffer;", native_counters},
	{"flowsWanted", "()Z", native_flows_wanted},
	{"answerFlows", "([[B)V", native_answer_flows},
	{"journal", "()Ljava/nio/ByteBuffer;", native_journal},
	{"takeAbnormalEnd", "()Z", native_take_abnormal_end},
	{"log", "(Z[B[B)V", native_log},
	{"identity", "()[J", native_identity},
	{"contract", "()[B", native_contract},
};

/* Binds these natives; false with a pending Java exception when the Java side does not fit. */
bool
pgnet_register_host_natives(JNIEnv *env, jclass postgres)
{
	return (*env)->RegisterNatives(env, postgres, methods, lengthof(methods)) == JNI_OK;
}
