/*
 * direct_table.h
 *		Whether rows may come to a table, or go, without a statement.
 */
#ifndef PGNET_DIRECT_TABLE_H
#define PGNET_DIRECT_TABLE_H

#include "postgres.h"
#include "nodes/parsenodes.h"
#include "utils/relcache.h"

extern bool pgnet_needs_no_statement(Relation table, AclMode privileges);

#endif /* PGNET_DIRECT_TABLE_H */
