/*
 * stored_setting.c
 *		What ALTER DATABASE and ALTER ROLE have set, as the catalogue has it that all databases share.
 */
#include "shared/stored_setting.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

/* The value of a setting among those of an array of texts as name=value, palloc'd; NULL for none. */
static char *
value_among(Datum settings, const char *name)
{
	size_t length = strlen(name);
	Datum *elements;
	bool *nulls;
	int count;

	deconstruct_array(DatumGetArrayTypeP(settings), TEXTOID, -1, false, TYPALIGN_INT, &elements,
					  &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		char *setting = nulls[i] ? "" : TextDatumGetCString(elements[i]);

		if (strncmp(setting, name, length) == 0 && setting[length] == '=')
			return setting + length + 1;
	}
	return NULL;
}

/*
 * What is set for a database and a role, InvalidOid for any; palloc'd, NULL for nothing. Within a transaction, with a
 * snapshot, in a session of any database.
 */
char *
pgnet_stored_setting(Oid database, Oid role, const char *name)
{
	Relation table = table_open(DbRoleSettingRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple row;
	char *value = NULL;

	ScanKeyInit(&keys[0], Anum_pg_db_role_setting_setdatabase, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(database));
	ScanKeyInit(&keys[1], Anum_pg_db_role_setting_setrole, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(role));
	scan = systable_beginscan(table, DbRoleSettingDatidRolidIndexId, true, NULL, 2, keys);
	row = systable_getnext(scan);
	if (HeapTupleIsValid(row))
	{
		bool isnull;
		Datum settings =
			heap_getattr(row, Anum_pg_db_role_setting_setconfig, RelationGetDescr(table), &isnull);

		value = isnull ? NULL : value_among(settings, name);
	}
	systable_endscan(scan);
	table_close(table, AccessShareLock);
	return value;
}
