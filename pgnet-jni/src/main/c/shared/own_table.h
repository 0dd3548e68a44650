/*
 * own_table.h
 *		The extension's tables by their names.
 */
#ifndef PGNET_OWN_TABLE_H
#define PGNET_OWN_TABLE_H

#include "postgres.h"

extern Oid pgnet_find_table(const char *name);
extern Oid pgnet_get_table(const char *name);

#endif /* PGNET_OWN_TABLE_H */
