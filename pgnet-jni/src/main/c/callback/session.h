/*
 * session.h
 *		Whose session this is.
 */
#ifndef PGNET_CALLBACK_SESSION_H
#define PGNET_CALLBACK_SESSION_H

#include "postgres.h"

extern void pgnet_session_connect(Oid database);
extern const char *pgnet_session_become(Oid owner);

#endif /* PGNET_CALLBACK_SESSION_H */
