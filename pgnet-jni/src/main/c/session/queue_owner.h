/*
 * queue_owner.h
 *		Statements that a session runs with the rights of the queue's owner.
 */
#ifndef PGNET_QUEUE_OWNER_H
#define PGNET_QUEUE_OWNER_H

#include "postgres.h"

#include "shared/statement.h"

extern uint64 pgnet_execute_as_owner(Statement *statement, Datum *values, int expected);

#endif /* PGNET_QUEUE_OWNER_H */
