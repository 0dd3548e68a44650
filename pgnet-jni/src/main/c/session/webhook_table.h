/*
 * webhook_table.h
 *		Which table a webhook is on.
 */
#ifndef PGNET_WEBHOOK_TABLE_H
#define PGNET_WEBHOOK_TABLE_H

#include "postgres.h"

extern Oid pgnet_webhook_table(const char *name, Oid owner, Oid relation);

#endif /* PGNET_WEBHOOK_TABLE_H */
