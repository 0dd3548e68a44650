/*
 * journal_file.h
 *		Where the journal of a database's worker is, see worker/journal.c.
 */
#ifndef PGNET_JOURNAL_FILE_H
#define PGNET_JOURNAL_FILE_H

#include "postgres.h"

extern char *pgnet_journal_path(Oid database);
extern void pgnet_journal_remove(Oid database);

#endif /* PGNET_JOURNAL_FILE_H */
