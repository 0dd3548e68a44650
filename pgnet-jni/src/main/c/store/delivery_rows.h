/*
 * delivery_rows.h
 *		What recording writes beside the queue.
 */
#ifndef PGNET_DELIVERY_ROWS_H
#define PGNET_DELIVERY_ROWS_H

#include "store/outcome.h"

extern void pgnet_delivery_ended(const Outcome *outcomes, int count);

#endif /* PGNET_DELIVERY_ROWS_H */
