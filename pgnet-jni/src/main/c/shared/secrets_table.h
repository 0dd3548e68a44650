/*
 * secrets_table.h
 *		The table net._secrets. Whether secrets may be others now is told with net.hosts, see hosts_table.h.
 */
#ifndef PGNET_SECRETS_TABLE_H
#define PGNET_SECRETS_TABLE_H

#include "postgres.h"

extern Oid pgnet_secrets_table(void);

#endif /* PGNET_SECRETS_TABLE_H */
