/*
 * assignment.c
 *		Which databases are to be served: those that pg_net.database_name names, each in a slot.
 */
#include "launcher/assignment.h"
#include "shared/memory.h"
#include "shared/settings.h"

#include "nodes/pg_list.h"

/* Has each database that is named served. Returns the first for which there is no slot, NULL when there is none. */
static const char *
assign_names(List *names)
{
	const char *without_slot = NULL;
	ListCell *cell;

	foreach (cell, names)
		if (pgnet_slot_assign(lfirst(cell)) == NULL && without_slot == NULL)
			without_slot = lfirst(cell);
	return without_slot;
}

/* Gives each database that pg_net.database_name names a slot, dismisses the others, and has failed starts tried again. */
void
pgnet_assign_databases(void)
{
	List *names = pgnet_database_names();
	const char *without_slot;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	for (int i = 0; i < pgnet_shared->slot_count; i++)
	{
		pgnet_shared->slots[i].dismissed = true;
		pgnet_slot_end_pause(&pgnet_shared->slots[i]);
	}
	without_slot = assign_names(names);
	pgnet_shared->names_without_slot = without_slot != NULL;
	LWLockRelease(pgnet_shared->slots_lock);

	if (without_slot != NULL)
		ereport(WARNING,
				(errmsg("pg_net serves %d databases at most", pgnet_shared->slot_count),
				 errdetail("Database \"%s\" and what follows it in pg_net.database_name is not "
						   "served.",
						   without_slot)));
}
