/*
 * may_see.c
 *		net._may_see: whether the role in force may see a response. Row-level security asks this for each row that it is not
 *		told to leave out by something cheaper.
 */
#include "session/owners.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(pgnet_may_see);

/*
 * net._may_see(id bigint): whether the role in force has the rights of the role that made the request. Of a response that has
 * nothing beside it, those of the tables' owner.
 */
Datum
pgnet_may_see(PG_FUNCTION_ARGS)
{
	Owners *known = fcinfo->flinfo->fn_extra;
	Oid owner;

	if (known == NULL)
		known = fcinfo->flinfo->fn_extra =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Owners));
	owner = pgnet_owner_of(known, PG_GETARG_INT64(0), GetActiveSnapshot());
	PG_RETURN_BOOL(OidIsValid(owner) && has_privs_of_role(GetUserId(), owner));
}
