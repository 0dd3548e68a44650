/*
 * order_key.h
 *		Order keys as they are kept beside the queue: by a number. Two keys of one owner with the same number would be one key,
 *		whose requests are sent one after the other too.
 */
#ifndef PGNET_ORDER_KEY_H
#define PGNET_ORDER_KEY_H

#include "postgres.h"
#include "shared/compat.h"
#include "shared/hash64.h"
#include "utils/builtins.h"

/* In bytes. */
#define PGNET_MAX_ORDER_KEY_BYTES 255

/* The number of a key, which is a Datum of type text. */
static inline int64
pgnet_order_key(Datum key)
{
	text *bytes = DatumGetTextPP(key);

	return pgnet_hash64(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
}

#endif /* PGNET_ORDER_KEY_H */
