/*
 * assignment.h
 *		Which databases are to be served.
 */
#ifndef PGNET_ASSIGNMENT_H
#define PGNET_ASSIGNMENT_H

#include "postgres.h"

extern void pgnet_assign_databases(void);

#endif /* PGNET_ASSIGNMENT_H */
