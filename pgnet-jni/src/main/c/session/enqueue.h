/*
 * enqueue.h
 *		From a row of the queue to an id in the worker's ring.
 */
#ifndef PGNET_ENQUEUE_H
#define PGNET_ENQUEUE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "shared/ring.h"

extern void pgnet_remember(IdRange range);
extern void pgnet_remember_scheduled(int64 id, TimestampTz due);
extern int pgnet_removals(void);
extern void pgnet_remember_cancelled(int64 id, int removals_before);
extern void pgnet_install_enqueue_hook(void);

#endif /* PGNET_ENQUEUE_H */
