/*
 * mark.c
 *		The mark of a database that has the extension, by which * in pg_net.database_name finds it: a setting that CREATE
 *		EXTENSION gives the database. It is in a catalogue that all databases share, so nobody need connect to each of them
 *		to look for the extension, which would keep it from being dropped or copied; pg_dump and pg_upgrade take it along.
 */
#include "shared/mark.h"
#include "shared/stored_setting.h"

#include "utils/builtins.h"

/* Whether a database has the mark. Within a transaction, with a snapshot, in a session of any database. */
bool
pgnet_has_mark(Oid database)
{
	char *mark = pgnet_stored_setting(database, InvalidOid, PGNET_MARK);
	bool marked;

	return mark != NULL && parse_bool(mark, &marked) && marked;
}
