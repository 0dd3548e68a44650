/*
 * optimizer.h
 *		The threads on which the JVM optimizes code.
 */
#ifndef PGNET_OPTIMIZER_H
#define PGNET_OPTIMIZER_H

#include "postgres.h"

extern void pgnet_lower_optimizer(void);

#endif /* PGNET_OPTIMIZER_H */
