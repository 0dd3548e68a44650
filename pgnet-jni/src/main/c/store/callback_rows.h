/*
 * callback_rows.h
 *		The rows of net._callbacks that come with responses: with the last outcome of a request, never with one that another
 *		attempt follows.
 */
#ifndef PGNET_CALLBACK_ROWS_H
#define PGNET_CALLBACK_ROWS_H

#include "postgres.h"

extern void pgnet_callback_rows_begin(void);
extern void pgnet_callback_rows_add(int64 id, NullableDatum owner, NullableDatum function,
									NullableDatum context);
extern void pgnet_callback_rows_insert(void);
extern void pgnet_callback_rows_announce(void);
extern Datum pgnet_callback_rows_expire(Datum ids);

#endif /* PGNET_CALLBACK_ROWS_H */
