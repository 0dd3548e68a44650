/*
 * jvm.h
 *		The Java virtual machine inside the worker.
 */
#ifndef PGNET_JVM_H
#define PGNET_JVM_H

#include "shared/slot.h"

extern void pgnet_run_java(WorkerSlot *slot);

#endif /* PGNET_JVM_H */
