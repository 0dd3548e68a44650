/*
 * mark_upkeep.h
 *		Keeps the marks of databases as they should be.
 */
#ifndef PGNET_MARK_UPKEEP_H
#define PGNET_MARK_UPKEEP_H

#include "postgres.h"
#include "nodes/nodes.h"

extern bool pgnet_may_drop_extension(Node *statement);
extern bool pgnet_keep_mark(Node *statement, bool may_have_dropped);

#endif /* PGNET_MARK_UPKEEP_H */
