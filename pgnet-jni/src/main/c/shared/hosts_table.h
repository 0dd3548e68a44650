/*
 * hosts_table.h
 *		The table net.hosts: where it is, and whether its rows may be others now.
 */
#ifndef PGNET_HOSTS_TABLE_H
#define PGNET_HOSTS_TABLE_H

#include "postgres.h"

extern Oid pgnet_hosts_table(void);
extern uint64 pgnet_hosts_version(void);
extern void pgnet_hosts_changed(void);
extern bool pgnet_is_host_role(Oid owner, const char *role);

#endif /* PGNET_HOSTS_TABLE_H */
