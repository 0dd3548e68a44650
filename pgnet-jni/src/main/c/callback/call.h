/*
 * call.h
 *		Calls the function of one callback.
 */
#ifndef PGNET_CALLBACK_CALL_H
#define PGNET_CALLBACK_CALL_H

#include "callback/waiting.h"

extern bool pgnet_call(Oid owner, const WaitingCallback *callback);

#endif /* PGNET_CALLBACK_CALL_H */
