/*
 * replication.h
 *		What another server's changes do to the tables of the extension: nothing.
 */
#ifndef PGNET_REPLICATION_H
#define PGNET_REPLICATION_H

#include "postgres.h"

#include "nodes/nodes.h"

extern bool pgnet_is_replicated_row(void);
extern bool pgnet_may_have_committed_prepared(void);
extern const char *pgnet_changed_subscription(Node *utility_statement);
extern void pgnet_stay_out_of_subscription(const char *name);

#endif /* PGNET_REPLICATION_H */
