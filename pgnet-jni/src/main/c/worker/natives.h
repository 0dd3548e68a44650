/*
 * natives.h
 *		The native methods of org.pgnet.jni.Postgres.
 */
#ifndef PGNET_NATIVES_H
#define PGNET_NATIVES_H

#include <jni.h>

#include "postgres.h"

extern bool pgnet_register_natives(JNIEnv *env);
extern char *pgnet_take_java_exception(JNIEnv *env);

#endif /* PGNET_NATIVES_H */
