/*
 * registration.h
 *		The background workers as the postmaster knows them.
 */
#ifndef PGNET_REGISTRATION_H
#define PGNET_REGISTRATION_H

#include "postgres.h"
#include "nodes/pg_list.h"

extern void pgnet_register_workers(List *databases);
extern bool pgnet_is_registered(int slot_number);

#endif /* PGNET_REGISTRATION_H */
