/*
 * session_state.h
 *		What code of a tables' owner leaves in the session of the worker.
 */
#ifndef PGNET_SESSION_STATE_H
#define PGNET_SESSION_STATE_H

#include "postgres.h"

extern void pgnet_forget_session_state(void);
extern void pgnet_drop_temporary_objects(void);

#endif /* PGNET_SESSION_STATE_H */
