/*
 * as_owner.h
 *		What a function does in a session with the rights of a table's owner.
 */
#ifndef PGNET_AS_OWNER_H
#define PGNET_AS_OWNER_H

#include "postgres.h"

/* what was in force before */
typedef struct AsOwner
{
	Oid user;
	int security;
	int guc_level;
} AsOwner;

extern AsOwner pgnet_as_role_begin(Oid role);
extern AsOwner pgnet_as_owner_begin(Oid table);
extern void pgnet_as_owner_end(AsOwner caller);

#endif /* PGNET_AS_OWNER_H */
