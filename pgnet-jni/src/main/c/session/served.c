/*
 * served.c
 *		Whether a worker serves this session's database, and which.
 */
#include "session/served.h"
#include "shared/memory.h"
#include "shared/registration.h"
#include "shared/settings.h"

#include "access/xlog.h"
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

/*
 * Whether requests of this database will not be sent, as things are, and why. A worker that is away for a while will send
 * them; a standby's will when it is promoted, but its sessions make none before.
 */
bool
pgnet_is_unserved(Unserved *why)
{
	WorkerSlot *slot = pgnet_slot_of_this_database();

	if (RecoveryInProgress())
		*why = (Unserved){"a standby sends no requests", "Connect to the primary."};
	else if (slot == NULL)
		*why = (Unserved){
			"no pg_net worker serves this database",
			psprintf("add \"%s\" to pg_net.database_name", get_database_name(MyDatabaseId))};
	else if (!pgnet_is_registered(slot - pgnet_shared->slots))
		*why = (Unserved){
			psprintf("the server has no room for a pg_net worker: max_worker_processes is %d",
					 max_worker_processes),
			"Raise max_worker_processes and restart the server."};
	else
		return false;
	return true;
}

/* Words as the sentence that a DETAIL is. */
const char *
pgnet_sentence(const char *words)
{
	return psprintf("%c%s.", pg_ascii_toupper(words[0]), words + 1);
}
