/*
 * request_state.c
 *		net._is_state: the comparison of states by which the view net.requests has its rows, and what the planner is told of it.
 */
#include "postgres.h"
#include "shared/compat.h"

#include "fmgr.h"
#include "nodes/supportnodes.h"

PG_FUNCTION_INFO_V1(pgnet_is_state);
PG_FUNCTION_INFO_V1(pgnet_is_state_support);

/* net._is_state(a text, b text): byte for byte. */
Datum
pgnet_is_state(PG_FUNCTION_ARGS)
{
	text *a = PG_GETARG_TEXT_PP(0);
	text *b = PG_GETARG_TEXT_PP(1);
	Size length = VARSIZE_ANY_EXHDR(a);

	PG_RETURN_BOOL(length == VARSIZE_ANY_EXHDR(b) &&
				   memcmp(VARDATA_ANY(a), VARDATA_ANY(b), length) == 0);
}

/* net._is_state_support(internal): of all rows it is true. */
Datum
pgnet_is_state_support(PG_FUNCTION_ARGS)
{
	Node *request = (Node *) PG_GETARG_POINTER(0);

	if (!IsA(request, SupportRequestSelectivity))
		PG_RETURN_POINTER(NULL);
	((SupportRequestSelectivity *) request)->selectivity = 1.0;
	PG_RETURN_POINTER(request);
}
