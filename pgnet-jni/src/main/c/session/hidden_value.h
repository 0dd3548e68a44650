/*
 * hidden_value.h
 *		Values of secrets in the memory of a session.
 */
#ifndef PGNET_HIDDEN_VALUE_H
#define PGNET_HIDDEN_VALUE_H

#include "postgres.h"

extern void pgnet_hide_in_statement(const char *value);
extern ErrorContextCallback *pgnet_hide_context(void);
extern void pgnet_show_context(ErrorContextCallback *callers);

#endif /* PGNET_HIDDEN_VALUE_H */
