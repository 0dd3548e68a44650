/*
 * hosts_dump.c
 *		Whether pg_dump saves the rows of net.hosts: from the first row on, until the table is truncated.
 *
 * Not from the start, as pg_extension_config_dump() would have it: pg_dump reads all columns of such a table, and fails for a
 * role that may not, as most may not read headers and files. So a database without rules is dumped by whoever could before.
 */
#include "session/hosts_dump.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

/* The elements of an array column of pg_extension; none for a null. */
static int
elements_of(HeapTuple extension, TupleDesc descriptor, int column, Oid type, Datum **values)
{
	bool isnull;
	Datum array = heap_getattr(extension, column, descriptor, &isnull);
	int count = 0;

	*values = NULL;
	if (!isnull)
		deconstruct_array(DatumGetArrayTypeP(array), type, type == OIDOID ? (int) sizeof(Oid) : -1,
						  type == OIDOID, TYPALIGN_INT, values, NULL, &count);
	return count;
}

/* Where a table is among those whose rows are saved; their count when it is not. */
static int
place_of(Oid table, const Datum *tables, int count)
{
	int place = 0;

	while (place < count && DatumGetObjectId(tables[place]) != table)
		place++;
	return place;
}

/* Puts a table, with all its rows, behind the others, or takes it out. */
static void
change(Relation extensions, HeapTuple tuple, Oid table, bool wanted)
{
	TupleDesc descriptor = RelationGetDescr(extensions);
	Datum *tables;
	Datum *conditions;
	int count = elements_of(tuple, descriptor, Anum_pg_extension_extconfig, OIDOID, &tables);
	int place = place_of(table, tables, count);
	Datum *new_tables = palloc(sizeof(Datum) * (count + 1));
	Datum *new_conditions = palloc(sizeof(Datum) * (count + 1));
	Datum values[Natts_pg_extension] = {0};
	bool nulls[Natts_pg_extension] = {false};
	bool replaced[Natts_pg_extension] = {false};
	int new_count = 0;

	(void) elements_of(tuple, descriptor, Anum_pg_extension_extcondition, TEXTOID, &conditions);
	for (int i = 0; i < count; i++)
		if (i != place)
		{
			new_tables[new_count] = tables[i];
			new_conditions[new_count++] = conditions[i];
		}
	if (wanted)
	{
		new_tables[new_count] = ObjectIdGetDatum(table);
		new_conditions[new_count++] = CStringGetTextDatum("");
	}
	replaced[Anum_pg_extension_extconfig - 1] = true;
	replaced[Anum_pg_extension_extcondition - 1] = true;
	nulls[Anum_pg_extension_extconfig - 1] = new_count == 0;
	nulls[Anum_pg_extension_extcondition - 1] = new_count == 0;
	values[Anum_pg_extension_extconfig - 1] = PointerGetDatum(
		construct_array(new_tables, new_count, OIDOID, sizeof(Oid), true, TYPALIGN_INT));
	values[Anum_pg_extension_extcondition - 1] = PointerGetDatum(
		construct_array(new_conditions, new_count, TEXTOID, -1, false, TYPALIGN_INT));
	tuple = heap_modify_tuple(tuple, descriptor, values, nulls, replaced);
	CatalogTupleUpdate(extensions, &tuple->t_self, tuple);
}

/* Whether a table is among those whose rows are saved. */
static bool
is_dumped(Relation extensions, HeapTuple tuple, Oid table)
{
	Datum *tables;
	int count = elements_of(tuple, RelationGetDescr(extensions), Anum_pg_extension_extconfig,
							OIDOID, &tables);

	return place_of(table, tables, count) < count;
}

/* Looks at the row of the extension, and may change it to what is wanted. Whether it said that. */
static bool
visit(Oid extension, Oid table, bool wanted, bool may_change)
{
	Relation extensions =
		table_open(ExtensionRelationId, may_change ? RowExclusiveLock : AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple tuple;
	bool done = true;

	ScanKeyInit(&key, Anum_pg_extension_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(extension));
	scan = systable_beginscan(extensions, ExtensionOidIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		done = is_dumped(extensions, tuple, table) == wanted;
	if (!done && may_change)
		change(extensions, tuple, table, wanted);
	systable_endscan(scan);
	table_close(extensions, NoLock);
	return done;
}

/* Has pg_dump save the rows of a table of the extension, or not, from this transaction's commit on. */
void
pgnet_have_table_dumped(Oid table, bool wanted)
{
	Oid extension = getExtensionOfObject(RelationRelationId, table);

	if (!OidIsValid(extension) || visit(extension, table, wanted, false))
		return;
	/* others that want the same wait, and find that it is done */
	LockDatabaseObject(ExtensionRelationId, extension, 0, ShareUpdateExclusiveLock);
	(void) visit(extension, table, wanted, true);
}
