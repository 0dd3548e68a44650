/*
 * callback_function.h
 *		The function that on_response names.
 */
#ifndef PGNET_CALLBACK_FUNCTION_H
#define PGNET_CALLBACK_FUNCTION_H

#include "postgres.h"

#define PGNET_CALLBACK_ARGUMENTS 3

extern void pgnet_callback_argument_types(Oid *types);
extern Oid pgnet_callback_function(const char *name, Oid owner);
extern char *pgnet_callback_function_name(Oid function);

#endif /* PGNET_CALLBACK_FUNCTION_H */
