/*
 * time_limit.h
 *		How long a function may run.
 */
#ifndef PGNET_CALLBACK_TIME_LIMIT_H
#define PGNET_CALLBACK_TIME_LIMIT_H

#include "postgres.h"

extern void pgnet_time_limit_begin(void);
extern void pgnet_time_limit_end(void);
extern bool pgnet_time_limit_was_reached(void);

#endif /* PGNET_CALLBACK_TIME_LIMIT_H */
