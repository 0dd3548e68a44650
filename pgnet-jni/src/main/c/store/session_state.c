/*
 * session_state.c
 *		What code of a tables' owner leaves in the session of the worker: PostgreSQL keeps some of it beyond the end of the
 *		transaction, and here no session ends.
 */
#include "store/session_state.h"

#include "catalog/namespace.h"
#include "commands/sequence.h"
#include "common/pg_prng.h"
#include "storage/lock.h"
#include "utils/fmgrprotos.h"

/* The seed of random(), as if nobody had called setseed(). */
static void
seed_anew(void)
{
	pg_prng_state state;
	double seed = 0;

	if (pg_prng_strong_seed(&state))
		seed = 2 * pg_prng_double(&state) - 1;
	DirectFunctionCall1(setseed, Float8GetDatum(seed));
}

/*
 * Releases advisory locks of the session, which an abort leaves too, and forgets seeds and sequences. Raises no error, and
 * needs no transaction.
 */
void
pgnet_forget_session_state(void)
{
	LockReleaseAll(USER_LOCKMETHOD, true);
	ResetSequenceCaches();
	seed_anew();
}

/* Drops temporary objects, such as functions in pg_temp. Within a transaction, with a snapshot. */
void
pgnet_drop_temporary_objects(void)
{
	ResetTempTableNamespace();
}
