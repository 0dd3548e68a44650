/*
 * control.h
 *		What SQL may ask of the worker.
 */
#ifndef PGNET_CONTROL_H
#define PGNET_CONTROL_H

#include "postgres.h"

extern void pgnet_require_worker(bool that_sends);

#endif /* PGNET_CONTROL_H */
