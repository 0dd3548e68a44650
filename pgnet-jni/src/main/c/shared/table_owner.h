/*
 * table_owner.h
 *		The role that owns a table.
 */
#ifndef PGNET_TABLE_OWNER_H
#define PGNET_TABLE_OWNER_H

#include "postgres.h"

extern Oid pgnet_table_owner(Oid table);

#endif /* PGNET_TABLE_OWNER_H */
