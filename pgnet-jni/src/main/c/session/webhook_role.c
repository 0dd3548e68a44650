/*
 * webhook_role.c
 *		Whether a session may act for the owner of a webhook: a superuser or a member of that role may make one for it.
 */
#include "session/webhook_role.h"

#include "miscadmin.h"
#include "utils/acl.h"

/* Whether the role in force has the rights of a webhook's owner. */
bool
pgnet_has_webhook_role(Oid owner)
{
	return OidIsValid(owner) && has_privs_of_role(GetUserId(), owner);
}

/* The role; an error unless the role in force has its rights. */
Oid
pgnet_require_webhook_role(NullableDatum owner)
{
	Oid role = owner.isnull ? InvalidOid : DatumGetObjectId(owner.value);

	if (!pgnet_has_webhook_role(role))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to act for the owner of a webhook"),
						errhint("The owner of a table makes and changes its webhooks.")));
	return role;
}
