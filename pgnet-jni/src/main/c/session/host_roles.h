/*
 * host_roles.h
 *		Which roles may call a host, by the column roles of net.hosts.
 */
#ifndef PGNET_HOST_ROLES_H
#define PGNET_HOST_ROLES_H

#include "postgres.h"

extern bool pgnet_hosts_have_roles(void);
extern const char *pgnet_host_roles_refusing(const char *host, int port, Oid owner);

#endif /* PGNET_HOST_ROLES_H */
