/*
 * process.h
 *		The worker as a process: its signals, its wait and its end.
 */
#ifndef PGNET_PROCESS_H
#define PGNET_PROCESS_H

#include "shared/slot.h"

extern void pgnet_process_begin(int slot_number);
extern bool pgnet_end_requested(void);
extern bool pgnet_restart_requested(void);
extern bool pgnet_rests(void);
extern void pgnet_note_activity(bool active);
extern bool pgnet_reload_settings(void);
extern int64 pgnet_reload_count(void);
extern void pgnet_wait(long timeout_millis);
extern void pgnet_ring_bell(void);
extern int pgnet_most_in_flight(void);

#endif /* PGNET_PROCESS_H */
