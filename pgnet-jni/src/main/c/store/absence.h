/*
 * absence.h
 *		Which requests are not in the queue any more, or not in this version.
 */
#ifndef PGNET_ABSENCE_H
#define PGNET_ABSENCE_H

#include "postgres.h"

extern int pgnet_find_absent(const int64 *ids, const int64 *versions, int count, int *absent);

#endif /* PGNET_ABSENCE_H */
