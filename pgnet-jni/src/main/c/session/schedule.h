/*
 * schedule.h
 *		When a scheduled request is due, in the row beside the queue.
 */
#ifndef PGNET_SCHEDULE_H
#define PGNET_SCHEDULE_H

extern void pgnet_forget_all_delivery(void);

#endif /* PGNET_SCHEDULE_H */
