/*
 * registration.h
 *		The background workers as the postmaster knows them.
 */
#ifndef PGNET_REGISTRATION_H
#define PGNET_REGISTRATION_H

#include "postgres.h"
#include "postmaster/bgworker.h"

extern void pgnet_register_launcher(void);
extern bool pgnet_has_launcher(void);
extern BackgroundWorkerHandle *pgnet_register_worker(int slot_number, const char *database,
													 uint32 launch);
extern uint32 pgnet_my_launch(void);
extern BackgroundWorkerHandle *pgnet_register_scout(const char *database);
extern BackgroundWorkerHandle *pgnet_register_callback_process(int number, Oid database);

#endif /* PGNET_REGISTRATION_H */
