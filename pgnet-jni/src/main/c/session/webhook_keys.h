/*
 * webhook_keys.h
 *		Rows by their primary keys.
 */
#ifndef PGNET_WEBHOOK_KEYS_H
#define PGNET_WEBHOOK_KEYS_H

#include "postgres.h"

#include "access/htup.h"
#include "utils/relcache.h"

typedef struct RowKeys RowKeys;

extern RowKeys *pgnet_row_keys_begin(Relation table);
extern void pgnet_row_keys_add(RowKeys *keys, MinimalTuple row);
extern MinimalTuple pgnet_row_keys_find(RowKeys *keys, MinimalTuple row);

#endif /* PGNET_WEBHOOK_KEYS_H */
