/*
 * queue_owner.h
 *		What a session sees of the queue, and statements that it runs with the rights of the queue's owner.
 */
#ifndef PGNET_QUEUE_OWNER_H
#define PGNET_QUEUE_OWNER_H

#include "postgres.h"

#include "shared/statement.h"

extern bool pgnet_sees_request(Datum id);
extern void pgnet_check_owners_beside_queue(void);
extern uint64 pgnet_execute_as_owner(Statement *statement, Datum *values, int expected);
extern uint64 pgnet_execute_as_owner_with(Statement *statement, Datum *values, const char *nulls,
										  int expected);

#endif /* PGNET_QUEUE_OWNER_H */
