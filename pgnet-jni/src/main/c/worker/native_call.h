/*
 * native_call.h
 *		The frame of a native method: a PG_TRY that turns a PostgreSQL error into a Java exception, so that no longjmp
 *		crosses a Java frame.
 */
#ifndef PGNET_NATIVE_CALL_H
#define PGNET_NATIVE_CALL_H

#include <jni.h>

#include "postgres.h"
#include "utils/memutils.h"

/* Memory of one native's call: the next one reuses it. */
extern MemoryContext pgnet_call_context;

extern bool pgnet_native_calls_begin(JNIEnv *env, jclass postgres);
extern bool pgnet_on_main_thread(JNIEnv *env);
extern void pgnet_throw_error(JNIEnv *env);
extern jbyteArray pgnet_to_bytes(JNIEnv *env, const char *text);
extern char *pgnet_from_bytes(JNIEnv *env, jbyteArray bytes);
extern char *pgnet_from_utf8_bytes(JNIEnv *env, jbyteArray bytes);
extern char *pgnet_take_java_exception(JNIEnv *env);

/* Between these two stands what calls PostgreSQL; failed is what is returned beside an exception. */
#define NATIVE_BEGIN(failed)                   \
	if (!pgnet_on_main_thread(env))            \
		return failed;                         \
	MemoryContextReset(pgnet_call_context);    \
	MemoryContextSwitchTo(pgnet_call_context); \
	PG_TRY();                                  \
	{

#define NATIVE_END              \
	}                           \
	PG_CATCH();                 \
	{                           \
		pgnet_throw_error(env); \
	}                           \
	PG_END_TRY()

#endif /* PGNET_NATIVE_CALL_H */
