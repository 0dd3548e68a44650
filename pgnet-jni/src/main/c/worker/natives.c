/*
 * natives.c
 *		Where Java calls PostgreSQL: few and coarse natives, on the main thread alone. Each is a PG_TRY that turns a
 *		PostgreSQL error into a Java exception, so that no longjmp crosses a Java frame. Those for any thread call no
 *		PostgreSQL.
 */
#include "worker/natives.h"
#include "store/compress.h"
#include "worker/journal.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "access/xact.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "shared/settings.h"
#include "shared/shared.h"
#include "store/store.h"
#include "utils/memutils.h"
#include "worker/process.h"

static jclass postgres_class = NULL;
static jmethodID make_exception;

/* what pg_stat_activity shows */
static bool shown_active = false;

/* Memory of one native's call. */
static MemoryContext call_context = NULL;

/* Throws java.lang.IllegalStateException when the calling thread is not the one that PostgreSQL knows. */
static bool
on_main_thread(JNIEnv *env)
{
	if (syscall(SYS_gettid) == getpid())
		return true;
	(*env)->ThrowNew(env, (*env)->FindClass(env, "java/lang/IllegalStateException"),
					 "only the worker's main thread may call PostgreSQL");
	return false;
}

static jbyteArray
to_bytes(JNIEnv *env, const char *text)
{
	jsize length = strlen(text);
	jbyteArray bytes = (*env)->NewByteArray(env, length);

	if (bytes != NULL)
		(*env)->SetByteArrayRegion(env, bytes, 0, length, (const jbyte *) text);
	return bytes;
}

/* Text from Java for the log. Outside a transaction nothing can be converted to the database's encoding. */
static char *
from_utf8_bytes(JNIEnv *env, jbyteArray bytes)
{
	jsize length = (*env)->GetArrayLength(env, bytes);
	char *utf8 = palloc(length + 1);

	(*env)->GetByteArrayRegion(env, bytes, 0, length, (jbyte *) utf8);
	utf8[length] = '\0';
	return GetDatabaseEncoding() == PG_UTF8 ? utf8 : pgnet_to_ascii(utf8);
}

/* Ends the transaction that failed and throws its error as an org.pgnet.worker.StoreException. */
static void
throw_error(JNIEnv *env)
{
	ErrorData *error;
	jobject exception;
	char *message;

	MemoryContextSwitchTo(call_context);
	error = CopyErrorData();
	message = error->message ? error->message : "";
	FlushErrorState();
	pgnet_in_statement = false;
	AbortCurrentTransaction();
	MemoryContextSwitchTo(call_context);
	if ((*env)->ExceptionCheck(env))
		return; /* the JVM's own, out of memory for instance, comes first */
	exception = (*env)->CallStaticObjectMethod(
		env, postgres_class, make_exception, to_bytes(env, unpack_sql_state(error->sqlerrcode)),
		to_bytes(env, GetDatabaseEncoding() == PG_UTF8 ? message : pgnet_to_ascii(message)));
	if (exception != NULL)
		(*env)->Throw(env, exception);
}

#define NATIVE_BEGIN(failed)             \
	if (!on_main_thread(env))            \
		return failed;                   \
	MemoryContextReset(call_context);    \
	MemoryContextSwitchTo(call_context); \
	PG_TRY();                            \
	{

#define NATIVE_END        \
	}                     \
	PG_CATCH();           \
	{                     \
		throw_error(env); \
	}                     \
	PG_END_TRY()

static void JNICALL
native_await(JNIEnv *env, jclass class, jlong timeout_millis)
{
	NATIVE_BEGIN()
	pgnet_wait(timeout_millis);
	NATIVE_END;
}

/* Any thread. */
static void JNICALL
native_ring(JNIEnv *env, jclass class)
{
	pgnet_ring_doorbell();
}

static jboolean JNICALL
native_end_requested(JNIEnv *env, jclass class)
{
	return pgnet_end_requested();
}

/* The ranges of committed ids, as first, last, first, last, ... */
static jlongArray JNICALL
native_drain(JNIEnv *env, jclass class)
{
	jlongArray volatile result = NULL;

	NATIVE_BEGIN(NULL)
	IdRange *ranges = palloc(sizeof(IdRange) * PGNET_RING_SIZE);
	int count = pgnet_ring_take(pgnet_my_slot, ranges);

	result = (*env)->NewLongArray(env, count * 2);
	if (result != NULL)
		(*env)->SetLongArrayRegion(env, result, 0, count * 2, (const jlong *) ranges);
	NATIVE_END;
	return result;
}

/* In the order of the fields that Postgres.settings() reads. */
static jlongArray JNICALL
native_settings(JNIEnv *env, jclass class)
{
	jlong values[] = {
		pgnet_restart_requested() ? 0 : Min(pgnet_batch_size, pgnet_most_in_flight()),
		pgnet_max_connections_per_host,
		pgnet_ttl_micros,
		(jlong) pgnet_max_response_size_kb * 1024,
		(jlong) pgnet_max_response_memory_kb * 1024,
		pgnet_reload_count(),
	};
	jlongArray result = (*env)->NewLongArray(env, lengthof(values));

	if (result != NULL)
		(*env)->SetLongArrayRegion(env, result, 0, lengthof(values), values);
	return result;
}

/* In the order that PostgresHost reads. */
static jobjectArray JNICALL
native_text_settings(JNIEnv *env, jclass class)
{
	jobjectArray volatile result = NULL;

	NATIVE_BEGIN(NULL)
	const char *texts[] = {pgnet_ca_bundle, pgnet_allowed_hosts, pgnet_denied_networks,
						   pgnet_proxy};

	result = (*env)->NewObjectArray(env, lengthof(texts), (*env)->FindClass(env, "[B"), NULL);
	for (int i = 0; i < lengthof(texts) && !(*env)->ExceptionCheck(env); i++)
		(*env)->SetObjectArrayElement(env, result, i, to_bytes(env, texts[i]));
	NATIVE_END;
	return result;
}

/* The rows as fetch.c packs them, in memory that the next call reuses. */
static jobject JNICALL
native_fetch(JNIEnv *env, jclass class, jlong first, jlong last, jint limit, jlong max_body_bytes)
{
	jobject volatile result = NULL;

	NATIVE_BEGIN(NULL)
	StringInfo rows = pgnet_fetch(first, last, limit, max_body_bytes);

	result = (*env)->NewDirectByteBuffer(env, rows->data, rows->len);
	NATIVE_END;
	return result;
}

/* Outcomes as record.c unpacks them; one byte of disposition for each. */
static jbyteArray JNICALL
native_record(JNIEnv *env, jclass class, jobject outcomes, jint count)
{
	jbyteArray volatile result = NULL;

	NATIVE_BEGIN(NULL)
	char *dispositions = palloc(count);

	pgnet_record((*env)->GetDirectBufferAddress(env, outcomes), count, dispositions);
	pgnet_journal_progress();
	result = (*env)->NewByteArray(env, count);
	if (result != NULL)
		(*env)->SetByteArrayRegion(env, result, 0, count, (const jbyte *) dispositions);
	NATIVE_END;
	return result;
}

static jlong JNICALL
native_expire(JNIEnv *env, jclass class, jlong ttl_micros, jint limit)
{
	volatile jlong result = 0;

	NATIVE_BEGIN(0)
	result = pgnet_expire(ttl_micros, limit);
	NATIVE_END;
	return result;
}

static void JNICALL
native_announce_ids(JNIEnv *env, jclass class, jlongArray sorted_ids)
{
	NATIVE_BEGIN()
	jsize count = (*env)->GetArrayLength(env, sorted_ids);
	int64 *ids = palloc(sizeof(int64) * (count + 1));

	(*env)->GetLongArrayRegion(env, sorted_ids, 0, count, (jlong *) ids);
	pgnet_wake_waiters_of_ids(ids, count);
	NATIVE_END;
}

static void JNICALL
native_announce_range(JNIEnv *env, jclass class, jlong first, jlong last)
{
	NATIVE_BEGIN()
	pgnet_wake_waiters_of_range((IdRange){first, last});
	NATIVE_END;
}

/* Any thread: shared memory needs nothing of PostgreSQL. */
static void JNICALL
native_add_in_flight(JNIEnv *env, jclass class, jint change)
{
	pg_atomic_fetch_add_u64(&pgnet_my_slot->counters[COUNTER_IN_FLIGHT], change);
}

/* Shows in pg_stat_activity whether the worker has something to do. */
static void JNICALL
native_report_activity(JNIEnv *env, jclass class, jboolean active)
{
	NATIVE_BEGIN()
	if (active && !shown_active)
		pgstat_report_activity(STATE_RUNNING, "pg_net requests");
	if (!active && shown_active)
	{
		pgstat_report_stat(true); /* nothing follows that would report the last tables' changes */
		pgstat_report_activity(STATE_IDLE, NULL);
	}
	shown_active = active;
	NATIVE_END;
}

/* Any thread: compressing needs nothing of PostgreSQL. */
static jlongArray JNICALL
native_compress(JNIEnv *env, jclass class, jlong address, jlong length)
{
	int64 compressed_length;
	char *compressed =
		pgnet_compress((const char *) (intptr_t) address, length, &compressed_length);
	jlong values[] = {(jlong) (intptr_t) compressed, compressed_length};
	jlongArray result = (*env)->NewLongArray(env, lengthof(values));

	if (result != NULL)
		(*env)->SetLongArrayRegion(env, result, 0, lengthof(values), values);
	else
		free(compressed);
	return result;
}

static jobject JNICALL
native_journal(JNIEnv *env, jclass class)
{
	return (*env)->NewDirectByteBuffer(env, pgnet_journal_requests(), PGNET_JOURNAL_REQUESTS_BYTES);
}

static jboolean JNICALL
native_take_abnormal_end(JNIEnv *env, jclass class)
{
	return pgnet_journal_take_abnormal_end();
}

static void JNICALL
native_log(JNIEnv *env, jclass class, jboolean warning, jbyteArray message)
{
	NATIVE_BEGIN()
	ereport(warning ? WARNING : LOG,
			(errmsg_internal("pg_net worker: %s", from_utf8_bytes(env, message))));
	NATIVE_END;
}

/* Text of the pending Java exception, which is cleared: its class and message, without a stack trace. */
char *
pgnet_take_java_exception(JNIEnv *env)
{
	jthrowable thrown = (*env)->ExceptionOccurred(env);
	jclass object;
	jmethodID to_string;
	jstring text;
	const char *modified_utf8;
	char *result;

	if (thrown == NULL)
		return "no reason given";
	(*env)->ExceptionClear(env);
	object = (*env)->FindClass(env, "java/lang/Object");
	to_string = (*env)->GetMethodID(env, object, "toString", "()Ljava/lang/String;");
	text = (*env)->CallObjectMethod(env, thrown, to_string);
	modified_utf8 = text == NULL ? NULL : (*env)->GetStringUTFChars(env, text, NULL);
	if (modified_utf8 == NULL)
	{
		(*env)->ExceptionClear(env);
		return "a Java error that has no text";
	}
	result = pstrdup(modified_utf8);
	(*env)->ReleaseStringUTFChars(env, text, modified_utf8);
	return GetDatabaseEncoding() == PG_UTF8 ? result : pgnet_to_ascii(result);
}

/* Binds the natives to org.pgnet.jni.Postgres; false with a pending Java exception when the Java side does not fit. */
bool
pgnet_register_natives(JNIEnv *env)
{
	static const JNINativeMethod methods[] = {
		{"await", "(J)V", native_await},
		{"ring", "()V", native_ring},
		{"endRequested", "()Z", native_end_requested},
		{"drain", "()[J", native_drain},
		{"settings", "()[J", native_settings},
		{"textSettings", "()[[B", native_text_settings},
		{"fetch", "(JJIJ)Ljava/nio/ByteBuffer;", native_fetch},
		{"record", "(Ljava/nio/ByteBuffer;I)[B", native_record},
		{"expire", "(JI)J", native_expire},
		{"announce", "([J)V", native_announce_ids},
		{"announce", "(JJ)V", native_announce_range},
		{"reportActivity", "(Z)V", native_report_activity},
		{"addInFlight", "(I)V", native_add_in_flight},
		{"compress", "(JJ)[J", native_compress},
		{"journal", "()Ljava/nio/ByteBuffer;", native_journal},
		{"takeAbnormalEnd", "()Z", native_take_abnormal_end},
		{"log", "(Z[B)V", native_log},
	};
	jclass postgres = (*env)->FindClass(env, "org/pgnet/jni/Postgres");

	if (postgres == NULL)
		return false;
	postgres_class = (*env)->NewGlobalRef(env, postgres);
	make_exception = (*env)->GetStaticMethodID(env, postgres, "storeException",
											   "([B[B)Lorg/pgnet/worker/spi/StoreException;");
	if (make_exception == NULL)
		return false;
	call_context =
		AllocSetContextCreate(TopMemoryContext, "pg_net native call", ALLOCSET_DEFAULT_SIZES);
	return (*env)->RegisterNatives(env, postgres, methods, lengthof(methods)) == JNI_OK;
}
