/*
 * served.c
 *		Whether a worker serves this session's database, and which.
 */
#include "session/served.h"
#include "shared/memory.h"
#include "shared/settings.h"

#include "commands/dbcommands.h"
#include "miscadmin.h"

/*
 * The slot of the worker that serves this database, or will: at the server's start sessions can be there before it. NULL
 * when pg_net.database_name does not name the database; names beyond the number of slots were added since the start.
 */
WorkerSlot *
pgnet_slot_of_this_database(void)
{
	WorkerSlot *slot = pgnet_slot_of_database(MyDatabaseId);
	int slot_number = 0;
	char *database;
	ListCell *cell;

	if (slot != NULL)
		return slot;
	database = get_database_name(MyDatabaseId);
	foreach (cell, pgnet_database_names())
	{
		if (slot_number < pgnet_shared->slot_count && strcmp(lfirst(cell), database) == 0)
			return &pgnet_shared->slots[slot_number];
		slot_number++;
	}
	return NULL;
}

/* Whether this database has a worker, or gets one. */
bool
pgnet_serves_this_database(void)
{
	return pgnet_slot_of_this_database() != NULL;
}

/* What makes a worker serve this database, for a hint. */
char *
pgnet_hint_to_serve_this_database(void)
{
	return psprintf("add \"%s\" to pg_net.database_name", get_database_name(MyDatabaseId));
}
