/*
 * mark.h
 *		The mark of a database that has the extension, by which * in pg_net.database_name finds it.
 */
#ifndef PGNET_MARK_H
#define PGNET_MARK_H

#include "postgres.h"

#define PGNET_MARK "pg_net.served"

extern bool pgnet_has_mark(Oid database);

#endif /* PGNET_MARK_H */
