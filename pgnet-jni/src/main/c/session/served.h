/*
 * served.h
 *		Whether a worker serves this session's database.
 */
#ifndef PGNET_SERVED_H
#define PGNET_SERVED_H

#include "shared/slot.h"

extern WorkerSlot *pgnet_slot_of_this_database(void);
extern bool pgnet_serves_this_database(void);
extern char *pgnet_hint_to_serve_this_database(void);

#endif /* PGNET_SERVED_H */
