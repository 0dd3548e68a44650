/*
 * store_natives.c
 *		The natives of the tables: requests are read, outcomes recorded, old responses deleted.
 */
#include "worker/natives.h"
#include "worker/native_call.h"

#include "store/compress.h"
#include "store/due.h"
#include "store/failed.h"
#include "store/absence.h"
#include "store/heads.h"
#include "store/host_rows.h"
#include "store/webhook_states.h"
#include "store/secret_rows.h"
#include "store/moment.h"
#include "store/policies.h"
#include "store/store.h"
#include "store/survey.h"
#include "worker/journal.h"

/* of a survey, so many for each run */
#define RUN_LONGS 6

/* The rows as fetch.c packs them, in memory that the next call reuses. */
static jobject JNICALL
native_fetch(JNIEnv *env, jclass class, jlong first, jlong last, jint limit, jlong max_body_bytes,
			 jint reading)
{
	jobject volatile result = NULL;

	NATIVE_BEGIN(NULL)
	StringInfo rows = pgnet_fetch(first, last, limit, max_body_bytes, reading);

	result = (*env)->NewDirectByteBuffer(env, rows->data, rows->len);
	NATIVE_END;
	return result;
}

/* The same of chosen ids. */
static jobject JNICALL
native_fetch_chosen(JNIEnv *env, jclass class, jlongArray ids, jlong max_body_bytes, jint reading)
{
	jobject volatile result = NULL;

	NATIVE_BEGIN(NULL)
	int count = (*env)->GetArrayLength(env, ids);
	Datum *values = palloc(sizeof(Datum) * (count + 1));
	StringInfo rows;

	StaticAssertStmt(sizeof(Datum) == sizeof(jlong), "ids are passed by value");
	(*env)->GetLongArrayRegion(env, ids, 0, count, (jlong *) values);
	rows = pgnet_fetch_chosen(values, count, max_body_bytes, reading);
	result = (*env)->NewDirectByteBuffer(env, rows->data, rows->len);
	NATIVE_END;
	return result;
}

/* The last id that was looked at, whether there are no more, how many rows there were, and then each run. */
static jlongArray JNICALL
native_survey(JNIEnv *env, jclass class, jlong first, jlong last)
{
	jlongArray volatile result = NULL;

	NATIVE_BEGIN(NULL)
	Runs found = pgnet_survey_runs(first, last);
	jlong head[] = {found.last, found.complete, found.rows};
	jlong *values = palloc(sizeof(jlong) * RUN_LONGS * (found.count + 1));

	for (int i = 0; i < found.count; i++)
	{
		const Run *run = &found.runs[i];
		jlong packed[RUN_LONGS] = {run->first,  run->last, run->owner,
								   run->origin, run->lane, run->count};

		memcpy(&values[i * RUN_LONGS], packed, sizeof(packed));
	}
	result = (*env)->NewLongArray(env, lengthof(head) + found.count * RUN_LONGS);
	if (result != NULL)
	{
		(*env)->SetLongArrayRegion(env, result, 0, lengthof(head), head);
		(*env)->SetLongArrayRegion(env, result, lengthof(head), found.count * RUN_LONGS, values);
	}
	NATIVE_END;
	return result;
}

/* The ids of the first requests of order keys, of which each is its owner and its number. */
static jlongArray JNICALL
native_heads(JNIEnv *env, jclass class, jlongArray owners_and_numbers)
{
	jlongArray volatile result = NULL;

	NATIVE_BEGIN(NULL)
	int count = (*env)->GetArrayLength(env, owners_and_numbers) / 2;
	jlong *values = palloc(sizeof(jlong) * 2 * (count + 1));
	OrderKey *keys = palloc(sizeof(OrderKey) * (count + 1));
	int found = 0;

	(*env)->GetLongArrayRegion(env, owners_and_numbers, 0, count * 2, values);
	for (int i = 0; i < count; i++)
		keys[i] = (OrderKey){.owner = values[2 * i], .key = values[2 * i + 1]};
	if (pgnet_look_for_heads(keys, count))
		for (int i = 0; i < count; i++)
			if (keys[i].found)
				values[found++] = keys[i].head;
	result = (*env)->NewLongArray(env, found);
	if (result != NULL)
		(*env)->SetLongArrayRegion(env, result, 0, found, values);
	NATIVE_END;
	return result;
}

/* The places of those requests, of which each is its id and its version, that are not there. */
static jintArray JNICALL
native_absent(JNIEnv *env, jclass class, jlongArray ids, jlongArray versions)
{
	jintArray volatile result = NULL;

	NATIVE_BEGIN(NULL)
	int count = (*env)->GetArrayLength(env, ids);
	jlong *id_values = palloc(sizeof(jlong) * (count + 1));
	jlong *version_values = palloc(sizeof(jlong) * (count + 1));
	int *absent = palloc(sizeof(int) * (count + 1));
	int found;

	(*env)->GetLongArrayRegion(env, ids, 0, count, id_values);
	(*env)->GetLongArrayRegion(env, versions, 0, count, version_values);
	found =
		pgnet_find_absent((const int64 *) id_values, (const int64 *) version_values, count, absent);
	result = (*env)->NewIntArray(env, found);
	if (result != NULL)
		(*env)->SetIntArrayRegion(env, result, 0, found, absent);
	NATIVE_END;
	return result;
}

/*
 * The requests that are due behind a place: the moment and id of the last one, the moment of the next look, and the ids.
 * Moments are microseconds since 1970.
 */
static jlongArray JNICALL
native_find_due(JNIEnv *env, jclass class, jlong reached_micros, jlong reached_id, jint limit)
{
	jlongArray volatile result = NULL;

	NATIVE_BEGIN(NULL)
	DueRequests due = pgnet_find_due(pgnet_timestamp_of(reached_micros), reached_id, limit);
	jlong head[] = {pgnet_unix_micros(due.reached), due.reached_id, pgnet_unix_micros(due.next)};

	result = (*env)->NewLongArray(env, lengthof(head) + due.count);
	if (result != NULL)
	{
		(*env)->SetLongArrayRegion(env, result, 0, lengthof(head), head);
		(*env)->SetLongArrayRegion(env, result, lengthof(head), due.count, (const jlong *) due.ids);
	}
	NATIVE_END;
	return result;
}

/* The requests that failed behind an id, as Postgres.findFailed describes. */
static jobjectArray JNICALL
native_find_failed(JNIEnv *env, jclass class, jlong owner, jlong after, jint limit)
{
	jobjectArray volatile result = NULL;

	NATIVE_BEGIN(NULL)
	FailedRequests failed = pgnet_find_failed((Oid) owner, after, limit);
	jlong head[] = {failed.reached, failed.complete};
	jlongArray numbers = (*env)->NewLongArray(env, lengthof(head) + 2 * failed.count);

	if (numbers != NULL)
		result = (*env)->NewObjectArray(env, 1 + failed.count,
										(*env)->FindClass(env, "java/lang/Object"), NULL);
	if (result != NULL)
	{
		(*env)->SetLongArrayRegion(env, numbers, 0, lengthof(head), head);
		(*env)->SetLongArrayRegion(env, numbers, lengthof(head), failed.count,
								   (const jlong *) failed.ids);
		(*env)->SetLongArrayRegion(env, numbers, lengthof(head) + failed.count, failed.count,
								   (const jlong *) failed.messages);
		(*env)->SetObjectArrayElement(env, result, 0, numbers);
	}
	for (int i = 0; result != NULL && i < failed.count && !(*env)->ExceptionCheck(env); i++)
	{
		jbyteArray url = pgnet_to_bytes(env, failed.urls[i]);

		if (url != NULL)
		{
			(*env)->SetObjectArrayElement(env, result, 1 + i, url);
			(*env)->DeleteLocalRef(env, url);
		}
	}
	NATIVE_END;
	return result;
}

/* Makes requests due now. */
static void JNICALL
native_hasten(JNIEnv *env, jclass class, jlongArray ids)
{
	NATIVE_BEGIN()
	int count = (*env)->GetArrayLength(env, ids);
	int64 *copy = palloc(sizeof(int64) * (count + 1));

	(*env)->GetLongArrayRegion(env, ids, 0, count, (jlong *) copy);
	pgnet_hasten(copy, count);
	NATIVE_END;
}

/* Texts as arrays of bytes, null for NULL; NULL beside a Java exception. */
static jobjectArray
to_arrays(JNIEnv *env, char **texts, int count)
{
	jobjectArray result = (*env)->NewObjectArray(env, count, (*env)->FindClass(env, "[B"), NULL);

	for (int i = 0; result != NULL && i < count && !(*env)->ExceptionCheck(env); i++)
	{
		jbyteArray text = texts[i] == NULL ? NULL : pgnet_to_bytes(env, texts[i]);

		if (text == NULL)
			continue;
		(*env)->SetObjectArrayElement(env, result, i, text);
		(*env)->DeleteLocalRef(env, text);
	}
	return result;
}

/* What net.policies says of a policy, as policies.c has it, each text in UTF-8; NULL when there is none of this name. */
static jobjectArray JNICALL
native_policy(JNIEnv *env, jclass class, jbyteArray name)
{
	jobjectArray volatile result = NULL;

	NATIVE_BEGIN(NULL)
	char *texts[PGNET_POLICY_TEXTS];

	if (pgnet_read_policy(pgnet_from_utf8_bytes(env, name), texts))
		result = to_arrays(env, texts, lengthof(texts));
	NATIVE_END;
	return result;
}

/* What net.hosts says, as host_rows.c has it: the texts of all rows, each in UTF-8, null for a null. */
static jobjectArray JNICALL
native_host_rows(JNIEnv *env, jclass class)
{
	jobjectArray volatile result = NULL;

	NATIVE_BEGIN(NULL)
	char **texts = NULL;
	int count = pgnet_read_host_rows(&texts);

	result = to_arrays(env, texts, count * PGNET_HOST_ROW_TEXTS);
	NATIVE_END;
	return result;
}

/* The webhooks, as webhook_states.c has them: their texts, each in UTF-8. */
static jobjectArray JNICALL
native_webhook_states(JNIEnv *env, jclass class)
{
	jobjectArray volatile result = NULL;

	NATIVE_BEGIN(NULL)
	char **texts = NULL;
	int count = pgnet_read_webhook_states(&texts);

	result = to_arrays(env, texts, count * PGNET_WEBHOOK_TEXTS);
	NATIVE_END;
	return result;
}

/* The wishes for probes, as host_rows.c has them: their texts, each in UTF-8. */
static jobjectArray JNICALL
native_probe_rows(JNIEnv *env, jclass class)
{
	jobjectArray volatile result = NULL;

	NATIVE_BEGIN(NULL)
	char **texts = NULL;
	int count = pgnet_read_probe_rows(&texts);

	result = to_arrays(env, texts, count * PGNET_PROBE_TEXTS);
	NATIVE_END;
	return result;
}

/* Whether a role has the rights of one of those whose names are in an array, which is a text in UTF-8. */
static jboolean JNICALL
native_has_rights_of_any(JNIEnv *env, jclass class, jint role, jbyteArray names)
{
	jboolean volatile result = false;

	NATIVE_BEGIN(false)
	result = pgnet_has_rights_of_any((Oid) role, pgnet_from_bytes(env, names));
	NATIVE_END;
	return result;
}

/* Whether a role has the rights of another one. */
static jboolean JNICALL
native_has_rights_of(JNIEnv *env, jclass class, jint role, jint other)
{
	jboolean volatile result = false;

	NATIVE_BEGIN(false)
	result = pgnet_has_rights_of((Oid) role, (Oid) other);
	NATIVE_END;
	return result;
}

/* Longs as an array; NULL beside a Java exception. */
static jlongArray
to_longs(JNIEnv *env, const int64 *numbers, int count)
{
	jlongArray result = (*env)->NewLongArray(env, count);

	if (result != NULL)
		(*env)->SetLongArrayRegion(env, result, 0, count, (const jlong *) numbers);
	return result;
}

/* The secrets, as secret_rows.c has them: texts, names of the values' secrets, numbers of the values, which Java frees. */
static jobjectArray JNICALL
native_secret_rows(JNIEnv *env, jclass class)
{
	jobjectArray volatile result = NULL;

	NATIVE_BEGIN(NULL)
	SecretRows rows;
	jobject parts[3];
	jobjectArray all;

	pgnet_read_secrets(&rows);
	parts[0] = to_arrays(env, rows.texts, rows.count * PGNET_SECRET_TEXTS);
	parts[1] = to_arrays(env, rows.key_names, rows.key_count);
	parts[2] = to_longs(env, rows.key_numbers, rows.key_count * PGNET_SECRET_KEY_NUMBERS);
	all = (*env)->NewObjectArray(env, lengthof(parts), (*env)->FindClass(env, "java/lang/Object"),
								 NULL);
	for (int i = 0; all != NULL && i < lengthof(parts) && !(*env)->ExceptionCheck(env); i++)
		(*env)->SetObjectArrayElement(env, all, i, parts[i]);
	if ((*env)->ExceptionCheck(env))
		pgnet_free_secret_values(&rows);
	else
		result = all;
	NATIVE_END;
	return result;
}

/* Changes when what these return may be something else. */
static jlong JNICALL
native_host_rows_version(JNIEnv *env, jclass class)
{
	jlong volatile version = 0;

	NATIVE_BEGIN(0)
	version = pgnet_host_rows_version();
	NATIVE_END;
	return version;
}

/* Deletes attempts that are older than the time given, at most limit: the microseconds until there is more to do. */
static jlong JNICALL
native_expire_attempts(JNIEnv *env, jclass class, jlong ttl_micros, jint limit)
{
	jlong volatile wait = ttl_micros;

	NATIVE_BEGIN(0)
	wait = pgnet_expire_attempts(ttl_micros, limit);
	NATIVE_END;
	return wait;
}

/* The same of dead letters. */
static jlong JNICALL
native_expire_dead(JNIEnv *env, jclass class, jlong ttl_micros, jint limit)
{
	jlong volatile wait = ttl_micros;

	NATIVE_BEGIN(0)
	wait = pgnet_expire_dead(ttl_micros, limit);
	NATIVE_END;
	return wait;
}

/* Records the outcomes in this manner, and writes into each what became of it. */
static void JNICALL
native_record(JNIEnv *env, jclass class, jobject outcomes, jint count, jint manner)
{
	NATIVE_BEGIN()
	pgnet_record((*env)->GetDirectBufferAddress(env, outcomes), count, manner);
	pgnet_journal_progress();
	NATIVE_END;
}

/* Deletes old responses as pgnet_expire() says: the microseconds to wait, and how many are left. */
static jlongArray JNICALL
native_expire(JNIEnv *env, jclass class, jlong ttl_micros, jint limit, jboolean new_pass,
			  jboolean past_refused)
{
	jlongArray volatile result = NULL;

	NATIVE_BEGIN(NULL)
	Expired expired;

	pgnet_expiry_place(new_pass, past_refused);
	expired = pgnet_expire(ttl_micros, limit);
	result = (*env)->NewLongArray(env, 2);
	if (result != NULL)
		(*env)->SetLongArrayRegion(env, result, 0, 2, (jlong[]){expired.wait_micros, expired.left});
	NATIVE_END;
	return result;
}

/* Address and length of what pgnet_compress() makes. Any thread: compressing needs nothing of PostgreSQL. */
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

static const JNINativeMethod methods[] = {
	{"fetch", "(JJIJI)Ljava/nio/ByteBuffer;", native_fetch},
	{"fetch", "([JJI)Ljava/nio/ByteBuffer;", native_fetch_chosen},
	{"survey", "(JJ)[J", native_survey},
	{"heads", "([J)[J", native_heads},
	{"absent", "([J[J)[I", native_absent},
	{"findDue", "(JJI)[J", native_find_due},
	{"findFailed", "(JJI)[Ljava/lang/Object;", native_find_failed},
	{"hasten", "([J)V", native_hasten},
	{"policy", "([B)[[B", native_policy},
	{"hostRows", "()[[B", native_host_rows},
	{"webhookStates", "()[[B", native_webhook_states},
	{"probeRows", "()[[B", native_probe_rows},
	{"hasRightsOfAny", "(I[B)Z", native_has_rights_of_any},
	{"hasRightsOf", "(II)Z", native_has_rights_of},
	{"secretRows", "()[Ljava/lang/Object;", native_secret_rows},
	{"hostRowsVersion", "()J", native_host_rows_version},
	{"record", "(Ljava/nio/ByteBuffer;II)V", native_record},
	{"expire", "(JIZZ)[J", native_expire},
	{"expireAttempts", "(JI)J", native_expire_attempts},
	{"expireDead", "(JI)J", native_expire_dead},
	{"compress", "(JJ)[J", native_compress},
};

/* Binds these natives; false with a pending Java exception when the Java side does not fit. */
bool
pgnet_register_store_natives(JNIEnv *env, jclass postgres)
{
	return (*env)->RegisterNatives(env, postgres, methods, lengthof(methods)) == JNI_OK;
}
