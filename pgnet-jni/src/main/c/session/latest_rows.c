/*
 * latest_rows.c
 *		Rows of the extension's tables that a session reads for whoever it is, and keeps.
 */
#include "session/latest_rows.h"
#include "shared/as_owner.h"

#include "utils/snapmgr.h"

/*
 * Reads rows as the table's owner: who makes a request, or writes to a table, need not be allowed to. With a new snapshot, even
 * in a transaction that has an older one: what is read is kept beyond it. They are taken from SPI_tuptable.
 */
void
pgnet_read_latest(Statement *statement, Oid table, void (*take)(void))
{
	AsOwner caller = pgnet_as_owner_begin(table);

	SPI_connect();
	pgnet_prepare(statement);
	if (SPI_execute_snapshot(statement->plan, NULL, NULL, GetLatestSnapshot(), InvalidSnapshot,
							 true, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not execute \"%s\"", statement->text);
	take();
	SPI_finish();
	pgnet_as_owner_end(caller);
}
