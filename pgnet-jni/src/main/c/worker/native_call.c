/*
 * native_call.c
 *		The frame of a native method: thread, memory, errors and texts.
 */
#include "worker/native_call.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "access/xact.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "store/interruption.h"
#include "store/session_state.h"
#include "store/store.h"
#include "worker/process.h"

MemoryContext pgnet_call_context = NULL;

static jclass postgres_class = NULL;
static jmethodID make_exception;

/* Prepares the calls of org.pgnet.jni.Postgres; false with a pending Java exception when the Java side does not fit. */
bool
pgnet_native_calls_begin(JNIEnv *env, jclass postgres)
{
	postgres_class = (*env)->NewGlobalRef(env, postgres);
	make_exception = (*env)->GetStaticMethodID(env, postgres, "databaseException",
											   "([B[B[BI)Lorg/pgnet/jni/DatabaseException;");
	pgnet_call_context =
		AllocSetContextCreate(TopMemoryContext, "pg_net native call", ALLOCSET_DEFAULT_SIZES);
	return make_exception != NULL;
}

/* Throws java.lang.IllegalStateException when the calling thread is not the one that PostgreSQL knows. */
bool
pgnet_on_main_thread(JNIEnv *env)
{
	if (syscall(SYS_gettid) == getpid())
		return true;
	(*env)->ThrowNew(env, (*env)->FindClass(env, "java/lang/IllegalStateException"),
					 "only the worker's main thread may call PostgreSQL");
	return false;
}

/* Who has chosen an error's SQLSTATE, as org.pgnet.jni.DatabaseException.Source */
typedef enum
{
	SOURCE_STATEMENT,
	SOURCE_FUNCTION,
	SOURCE_TRANSACTION_IDS
} ErrorSource;

/* Whether an error comes from one of these files. */
static bool
is_from(const ErrorData *error, const char *const files[], int count)
{
	for (int i = 0; error->filename != NULL && i < count; i++)
		if (strcmp(error->filename, files[i]) == 0)
			return true;
	return false;
}

/*
 * Whether a function in one of PostgreSQL's own procedural languages has raised the error, with whatever SQLSTATE it likes, or
 * dblink or postgres_fdw has passed on another server's: then it says nothing of this one.
 */
static bool
is_raised_by_function(const ErrorData *error)
{
	static const char *const sources[] = {"pl_exec.c", "plpy_elog.c", "plpy_plpymodule.c",
										  "plperl.c",  "Util.c",      "Util.xs",
										  "pltcl.c",   "dblink.c",    "connection.c"};

	return is_from(error, sources, lengthof(sources));
}

/*
 * Whether there are no transaction ids, or none for locks that are shared. Their SQLSTATE is that of a row that is too large,
 * but nothing can be written until the database was vacuumed.
 */
static bool
is_out_of_transaction_ids(const ErrorData *error)
{
	static const char *const sources[] = {"varsup.c", "multixact.c"};

	return error->sqlerrcode == ERRCODE_PROGRAM_LIMIT_EXCEEDED &&
		   is_from(error, sources, lengthof(sources));
}

/* Who has chosen its SQLSTATE. */
static ErrorSource
source_of(const ErrorData *error)
{
	if (is_raised_by_function(error))
		return SOURCE_FUNCTION;
	return is_out_of_transaction_ids(error) ? SOURCE_TRANSACTION_IDS : SOURCE_STATEMENT;
}

/* Ends the transaction that failed and throws its error as an org.pgnet.jni.DatabaseException. */
void
pgnet_throw_error(JNIEnv *env)
{
	ErrorData *error;
	jobject exception;
	char *message;
	jbyteArray raw;

	MemoryContextSwitchTo(pgnet_call_context);
	error = CopyErrorData();
	message = error->message ? error->message : "";
	FlushErrorState();
	pgnet_statement_ends();
	AbortCurrentTransaction();
	pgnet_forget_session_state();
	MemoryContextSwitchTo(pgnet_call_context);
	if ((*env)->ExceptionCheck(env))
		return;                         /* the JVM's own, out of memory for instance, comes first */
	raw = pgnet_to_bytes(env, message); /* before pgnet_to_ascii() changes it */
	exception = (*env)->CallStaticObjectMethod(
		env, postgres_class, make_exception,
		pgnet_to_bytes(env, unpack_sql_state(error->sqlerrcode)),
		pgnet_to_bytes(env, GetDatabaseEncoding() == PG_UTF8 ? message : pgnet_to_ascii(message)),
		raw, (jint) source_of(error));
	if (exception != NULL)
		(*env)->Throw(env, exception);
}

/* Text as the bytes of a Java array, NULL beside a Java exception. */
jbyteArray
pgnet_to_bytes(JNIEnv *env, const char *text)
{
	jsize length = strlen(text);
	jbyteArray bytes = (*env)->NewByteArray(env, length);

	if (bytes != NULL)
		(*env)->SetByteArrayRegion(env, bytes, 0, length, (const jbyte *) text);
	return bytes;
}

/* Text from Java, as it is, in palloc'd memory. */
char *
pgnet_from_bytes(JNIEnv *env, jbyteArray bytes)
{
	jsize length = (*env)->GetArrayLength(env, bytes);
	char *text = palloc(length + 1);

	(*env)->GetByteArrayRegion(env, bytes, 0, length, (jbyte *) text);
	text[length] = '\0';
	return text;
}

/* Text from Java for the log. Outside a transaction nothing can be converted to the database's encoding. */
char *
pgnet_from_utf8_bytes(JNIEnv *env, jbyteArray bytes)
{
	char *utf8 = pgnet_from_bytes(env, bytes);

	return GetDatabaseEncoding() == PG_UTF8 ? utf8 : pgnet_to_ascii(utf8);
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
