/*
 * webhook_table.c
 *		Which table a webhook is on: the one with a trigger that names the webhook. So it is found after the table was renamed,
 *		moved or restored from a dump, and is gone with the table.
 *
 * Anybody may name any webhook in a trigger of a table of his own. So the table must be the one that the webhook was made for, or,
 * after a restore, where OIDs are others, belong to the webhook's owner.
 */
#include "session/webhook_table.h"
#include "shared/compat.h"
#include "shared/table_owner.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(pgnet_sql_webhook_table);
PG_FUNCTION_INFO_V1(pgnet_sql_webhook_owner);
PG_FUNCTION_INFO_V1(pgnet_webhook_names);

/* The function that the triggers call; InvalidOid when there is none. */
static Oid
trigger_function(void)
{
	oidvector *no_arguments = buildoidvector(NULL, 0);
	Oid schema = get_namespace_oid("net", true);

	if (!OidIsValid(schema))
		return InvalidOid;
	return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum("_webhook"),
						   PointerGetDatum(no_arguments), ObjectIdGetDatum(schema));
}

/* Whether a trigger's arguments, each of which ends with a NUL, name a webhook. */
static bool
names(HeapTuple trigger, TupleDesc descriptor, const char *webhook)
{
	bool isnull;
	Datum value = heap_getattr(trigger, Anum_pg_trigger_tgargs, descriptor, &isnull);
	bytea *arguments = isnull ? NULL : DatumGetByteaPP(value);
	const char *name = isnull ? NULL : VARDATA_ANY(arguments);
	const char *end = isnull ? NULL : name + VARSIZE_ANY_EXHDR(arguments);

	for (; name < end; name += strlen(name) + 1)
		if (strcmp(name, webhook) == 0)
			return true;
	return false;
}

/* The table of a trigger, if it names a webhook, and is none that a partition has of its parent's. */
static Oid
table_of_trigger(Relation triggers, Oid oid, const char *webhook)
{
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple trigger;
	Oid table = InvalidOid;

	ScanKeyInit(&key, Anum_pg_trigger_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(oid));
	scan = systable_beginscan(triggers, TriggerOidIndexId, true, NULL, 1, &key);
	trigger = systable_getnext(scan);
	if (HeapTupleIsValid(trigger))
	{
		Form_pg_trigger form = (Form_pg_trigger) GETSTRUCT(trigger);

		if (!OidIsValid(form->tgparentid) && names(trigger, RelationGetDescr(triggers), webhook))
			table = form->tgrelid;
	}
	systable_endscan(scan);
	return table;
}

/*
 * The table of a webhook, which belongs to this owner and was made for a table of this OID, InvalidOid when that is not known;
 * InvalidOid for none. The triggers are found by what they depend on.
 */
Oid
pgnet_webhook_table(const char *name, Oid owner, Oid relation)
{
	Relation depend = table_open(DependRelationId, AccessShareLock);
	Relation triggers = table_open(TriggerRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple tuple;
	Oid found = InvalidOid;

	ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(ProcedureRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(trigger_function()));
	scan = systable_beginscan(depend, DependReferenceIndexId, true, NULL, 2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend form = (Form_pg_depend) GETSTRUCT(tuple);
		Oid table = form->classid == TriggerRelationId
						? table_of_trigger(triggers, form->objid, name)
						: InvalidOid;

		if (!OidIsValid(table))
			continue;
		if (table == relation)
		{
			found = table;
			break;
		}
		if (OidIsValid(owner) && pgnet_table_owner(table) == owner)
			found = table;
	}
	systable_endscan(scan);
	table_close(triggers, NoLock);
	table_close(depend, NoLock);
	return found;
}

/* What a row of net._webhooks says of whose it is. */
typedef struct Claim
{
	char *name; /* NULL when the row has none */
	Oid owner;  /* a role that did not exist when the row was stored is looked for by its name */
	Oid relation;
} Claim;

/* Reads a row, which anybody may call these functions with. */
static Claim
claim_of(HeapTupleHeader row)
{
	Claim claim = {0};
	bool isnull;
	Datum value = GetAttributeByName(row, "name", &isnull);

	if (isnull)
		return claim;
	claim.name = TextDatumGetCString(value);
	value = GetAttributeByName(row, "relation", &isnull);
	claim.relation = isnull ? InvalidOid : DatumGetObjectId(value);
	value = GetAttributeByName(row, "owner_oid", &isnull);
	if (!isnull)
	{
		claim.owner = DatumGetObjectId(value);
		return claim;
	}
	value = GetAttributeByName(row, "owner", &isnull);
	if (!isnull)
		claim.owner = get_role_oid(TextDatumGetCString(value), true);
	return claim;
}

/* The table of a webhook that a row is of; InvalidOid for none. */
static Oid
claimed_table(const Claim *claim)
{
	return claim->name == NULL ? InvalidOid
							   : pgnet_webhook_table(claim->name, claim->owner, claim->relation);
}

/* net._webhook_table(webhook record): null for none. */
Datum
pgnet_sql_webhook_table(PG_FUNCTION_ARGS)
{
	Claim claim = claim_of(PG_GETARG_HEAPTUPLEHEADER(0));
	Oid table = claimed_table(&claim);

	if (!OidIsValid(table))
		PG_RETURN_NULL();
	PG_RETURN_OID(table);
}

/* net._webhook_owner(webhook record): the owner of its table, or else of the webhook; null when that role does not exist. */
Datum
pgnet_sql_webhook_owner(PG_FUNCTION_ARGS)
{
	Claim claim = claim_of(PG_GETARG_HEAPTUPLEHEADER(0));
	Oid table = claimed_table(&claim);
	Oid owner = OidIsValid(table) ? pgnet_table_owner(table) : claim.owner;

	if (!OidIsValid(owner))
		PG_RETURN_NULL();
	PG_RETURN_OID(owner);
}

/* net._webhook_names(arguments bytea): the arguments of a trigger, pg_trigger.tgargs. */
Datum
pgnet_webhook_names(PG_FUNCTION_ARGS)
{
	bytea *arguments = PG_GETARG_BYTEA_PP(0);
	const char *name = VARDATA_ANY(arguments);
	const char *end = name + VARSIZE_ANY_EXHDR(arguments);
	ArrayBuildState *result = initArrayResult(TEXTOID, CurrentMemoryContext, false);

	while (name < end)
	{
		size_t length = strnlen(name, end - name);

		result = accumArrayResult(result, PointerGetDatum(cstring_to_text_with_len(name, length)),
								  false, TEXTOID, CurrentMemoryContext);
		name += length + 1;
	}
	PG_RETURN_DATUM(makeArrayResult(result, CurrentMemoryContext));
}
