/*
 * callback_check.h
 *		Refuses at call time a callback that could not be called.
 */
#ifndef PGNET_CALLBACK_CHECK_H
#define PGNET_CALLBACK_CHECK_H

#include "postgres.h"

extern char *pgnet_check_callback(const char *name, Oid owner);

#endif /* PGNET_CALLBACK_CHECK_H */
