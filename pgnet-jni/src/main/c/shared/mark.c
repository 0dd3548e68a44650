/*
 * mark.c
 *		The mark of a database that has the extension, by which * in pg_net.database_name finds it: a setting that CREATE
 *		EXTENSION gives the database. It is in a catalogue that all databases share, so nobody need connect to each of them
 *		to look for the extension, which would keep it from being dropped or copied; pg_dump and pg_upgrade take it along.
 */
#include "shared/mark.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

/* Whether one of some settings, an array of texts as name=value, is the mark. */
static bool
holds_mark(Datum settings)
{
	Datum *texts;
	bool *nulls;
	int count;

	deconstruct_array(DatumGetArrayTypeP(settings), TEXTOID, -1, false, TYPALIGN_INT, &texts,
					  &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		char *setting = nulls[i] ? "" : TextDatumGetCString(texts[i]);
		bool value;

		if (strncmp(setting, PGNET_MARK "=", strlen(PGNET_MARK "=")) == 0)
			return parse_bool(strchr(setting, '=') + 1, &value) && value;
	}
	return false;
}

/* Whether a database has the mark. Within a transaction, with a snapshot, in a session of any database. */
bool
pgnet_has_mark(Oid database)
{
	Relation table = table_open(DbRoleSettingRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple row;
	bool marked = false;

	ScanKeyInit(&keys[0], Anum_pg_db_role_setting_setdatabase, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(database));
	ScanKeyInit(&keys[1], Anum_pg_db_role_setting_setrole, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(InvalidOid));
	scan = systable_beginscan(table, DbRoleSettingDatidRolidIndexId, true, NULL, 2, keys);
	row = systable_getnext(scan);
	if (HeapTupleIsValid(row))
	{
		bool isnull;
		Datum settings =
			heap_getattr(row, Anum_pg_db_role_setting_setconfig, RelationGetDescr(table), &isnull);

		marked = !isnull && holds_mark(settings);
	}
	systable_endscan(scan);
	table_close(table, AccessShareLock);
	return marked;
}
