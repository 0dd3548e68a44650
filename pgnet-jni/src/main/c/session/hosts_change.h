/*
 * hosts_change.h
 *		What this session does to net.hosts.
 */
#ifndef PGNET_HOSTS_CHANGE_H
#define PGNET_HOSTS_CHANGE_H

#include "postgres.h"
#include "nodes/nodes.h"

extern void pgnet_note_hosts_change(void);
extern void pgnet_note_altered_hosts(Node *statement);
extern bool pgnet_hosts_changed_here(void);

#endif /* PGNET_HOSTS_CHANGE_H */
