/*
 * hosts_dump.h
 *		Whether pg_dump saves the rows of net.hosts.
 */
#ifndef PGNET_HOSTS_DUMP_H
#define PGNET_HOSTS_DUMP_H

#include "postgres.h"

extern void pgnet_have_table_dumped(Oid table, bool wanted);

#endif /* PGNET_HOSTS_DUMP_H */
