/*
 * natives.c
 *		Binds where Java calls PostgreSQL: few and coarse natives, on the main thread alone. Those for any thread call no
 *		PostgreSQL.
 */
#include "worker/natives.h"
#include "worker/native_call.h"

/* Binds the natives to org.pgnet.jni.Postgres; false with a pending Java exception when the Java side does not fit. */
bool
pgnet_register_natives(JNIEnv *env)
{
	jclass postgres = (*env)->FindClass(env, "org/pgnet/jni/Postgres");

	return postgres != NULL && pgnet_native_calls_begin(env, postgres) &&
		   pgnet_register_host_natives(env, postgres) &&
		   pgnet_register_store_natives(env, postgres);
}
