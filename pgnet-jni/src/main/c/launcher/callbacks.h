/*
 * callbacks.h
 *		Starts the processes that call callbacks.
 */
#ifndef PGNET_CALLBACKS_H
#define PGNET_CALLBACKS_H

#include "postgres.h"

extern long pgnet_start_callback_processes(void);

#endif /* PGNET_CALLBACKS_H */
