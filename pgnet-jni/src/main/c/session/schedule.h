/*
 * schedule.h
 *		When a scheduled request is due, in the row beside the queue.
 */
#ifndef PGNET_SCHEDULE_H
#define PGNET_SCHEDULE_H

#include "postgres.h"
#include "fmgr.h"

extern PGDLLEXPORT Datum pgnet_schedule(PG_FUNCTION_ARGS);
extern void pgnet_forget_delivery(Datum id);
extern void pgnet_forget_all_delivery(void);
extern bool pgnet_is_any_keyed(void);

#endif /* PGNET_SCHEDULE_H */
