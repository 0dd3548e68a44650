/*
 * hidden_value.h
 *		Values of secrets in the memory of a session.
 */
#ifndef PGNET_HIDDEN_VALUE_H
#define PGNET_HIDDEN_VALUE_H

#include "postgres.h"

extern void pgnet_hide_in_statement(const char *value);

#endif /* PGNET_HIDDEN_VALUE_H */
