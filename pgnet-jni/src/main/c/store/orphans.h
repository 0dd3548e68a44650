/*
 * orphans.h
 *		Rows beside the queue whose requests are not there any more.
 */
#ifndef PGNET_ORPHANS_H
#define PGNET_ORPHANS_H

#include "postgres.h"

extern uint64 pgnet_delete_orphans(Datum *ids, int count);
extern void pgnet_delete_keyed_orphans(int64 first, int64 last);

#endif /* PGNET_ORPHANS_H */
