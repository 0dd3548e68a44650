/*
 * assignment.c
 *		Which databases are to be served: those that pg_net.database_name names, each in a slot, and those that * in it stands for.
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
	{
		WorkerSlot *slot = pgnet_slot_assign(lfirst(cell), InvalidOid);

		if (slot != NULL)
			slot->named = true;
		else if (without_slot == NULL)
			without_slot = lfirst(cell);
	}
	return without_slot;
}

/* Puts the list into the slots. Returns the first database for which there is none, NULL when there is no such. */
static const char *
assign(List *names, bool all)
{
	const char *without_slot;

	for (int i = 0; i < pgnet_shared->slot_count; i++)
	{
		WorkerSlot *slot = &pgnet_shared->slots[i];

		slot->named = false;
		slot->dismissed = !all;
		pgnet_slot_end_pause(slot);
	}
	without_slot = assign_names(names);
	pgnet_shared->names_without_slot = without_slot != NULL;
	pgnet_shared->serves_all = all;
	pgnet_shared->marks_version++;
	return without_slot;
}

/*
 * Gives each database that pg_net.database_name names a slot, dismisses those that it does not stand for any more, and has
 * failed starts tried again. What * stands for, a scout finds out.
 */
void
pgnet_assign_databases(void)
{
	bool all;
	List *names = pgnet_database_names(&all);
	const char *without_slot;

	LWLockAcquire(pgnet_shared->slots_lock, LW_EXCLUSIVE);
	without_slot = assign(names, all);
	LWLockRelease(pgnet_shared->slots_lock);

	if (without_slot != NULL)
		ereport(WARNING,
				(errmsg("pg_net serves %d databases at most", pgnet_shared->slot_count),
				 errdetail("Database \"%s\" and those after it in pg_net.database_name are not "
						   "served.",
						   without_slot)));
}
