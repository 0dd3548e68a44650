/*
 * journal_file.c
 *		Where the journal of a database's worker is, see worker/journal.c. It goes with its database.
 */
#include "shared/journal_file.h"

#include <unistd.h>

#include "pgstat.h"

/* Its path, palloc'd. */
char *
pgnet_journal_path(Oid database)
{
	return psprintf(PG_STAT_TMP_DIR "/pg_net.%u", database);
}

/* Removes it, if there is one. */
void
pgnet_journal_remove(Oid database)
{
	(void) unlink(pgnet_journal_path(database));
}
