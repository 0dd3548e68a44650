/*
 * waiting.h
 *		The callbacks that wait, in net._callbacks.
 */
#ifndef PGNET_CALLBACK_WAITING_H
#define PGNET_CALLBACK_WAITING_H

#include "postgres.h"
#include "shared/callback_function.h"

/* A callback that is due. */
typedef struct WaitingCallback
{
	int64 request_id;
	int attempts;
} WaitingCallback;

/* What a function is called with, in the memory of the transaction. */
typedef struct TakenCallback
{
	Datum function; /* its name, a text */
	NullableDatum arguments[PGNET_CALLBACK_ARGUMENTS];
} TakenCallback;

/* how often a function is called before its callback is dead */
#define PGNET_MAX_CALLBACK_ATTEMPTS 6

/* each is a transaction of its own, and false or none when the extension is not there */
extern WaitingCallback *pgnet_due_callbacks(Oid owner, int limit, int *count);
extern bool pgnet_count_attempt(Oid owner, const WaitingCallback *callback);
extern void pgnet_note_callback_failure(Oid owner, const WaitingCallback *callback,
										const char *reason);
extern void pgnet_give_up_callbacks(Oid owner, const char *reason);

/* within a transaction that is open */
extern bool pgnet_take_callback(Oid owner, const WaitingCallback *callback, TakenCallback *taken);

#endif /* PGNET_CALLBACK_WAITING_H */
