/*
 * attempt_rows.h
 *		The attempts that one transaction records of requests that need more than one.
 */
#ifndef PGNET_ATTEMPT_ROWS_H
#define PGNET_ATTEMPT_ROWS_H

#include "store/outcome.h"

extern void pgnet_attempts_begin(void);
extern void pgnet_attempts_add(const Outcome *outcome, NullableDatum owner);
extern void pgnet_attempts_insert(void);

#endif /* PGNET_ATTEMPT_ROWS_H */
