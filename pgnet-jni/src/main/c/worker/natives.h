/*
 * natives.h
 *		The native methods of org.pgnet.jni.Postgres.
 */
#ifndef PGNET_NATIVES_H
#define PGNET_NATIVES_H

#include <jni.h>

#include "postgres.h"

extern bool pgnet_register_natives(JNIEnv *env);
extern bool pgnet_register_host_natives(JNIEnv *env, jclass postgres);
extern bool pgnet_register_store_natives(JNIEnv *env, jclass postgres);

#endif /* PGNET_NATIVES_H */
