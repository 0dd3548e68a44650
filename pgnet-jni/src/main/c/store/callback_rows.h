/*
 * callback_rows.h
 *		The rows of net._callbacks that come with responses: with the last outcome of a request, never with one that another
 *		attempt follows.
 */
#ifndef PGNET_CALLBACK_ROWS_H
#define PGNET_CALLBACK_ROWS_H

#include "store/outcome.h"

extern void pgnet_callback_rows_begin(void);
extern void pgnet_callback_rows_add(const Outcome *outcome, NullableDatum owner,
									NullableDatum function, NullableDatum created,
									NullableDatum store);
extern void pgnet_callback_rows_insert(void);
extern void pgnet_callback_rows_announce(void);
extern Datum pgnet_callback_rows_spare(Datum ids);

#endif /* PGNET_CALLBACK_ROWS_H */
