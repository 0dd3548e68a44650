/*
 * dead_rows.h
 *		The rows of net.dead_letters that come with responses.
 */
#ifndef PGNET_DEAD_ROWS_H
#define PGNET_DEAD_ROWS_H

#include "store/outcome.h"

extern void pgnet_dead_rows_insert(const Outcome *outcomes, int count, Datum ids);

#endif /* PGNET_DEAD_ROWS_H */
