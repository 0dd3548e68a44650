/*
 * webhook_rows.c
 *		The rows of net._webhooks, read when they may have changed: a statement that sets a webhook off pays for one comparison.
 */
#include "session/webhook_rows.h"
#include "session/headers.h"
#include "session/hosts_change.h"
#include "session/latest_rows.h"
#include "shared/hosts_table.h"
#include "shared/own_table.h"
#include "shared/webhook_limits.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/inval.h"
#include "utils/memutils.h"

static Statement webhooks_statement = {
	.text =
		"SELECT name, owner, owner_oid, relation, pg_catalog.replace(url, '{{{{', '{{'), columns, "
		"condition, pg_catalog.replace(headers::pg_catalog.text, '{{{{', '{{')::pg_catalog.jsonb, "
		"policy, "
		"pg_catalog.ceil(EXTRACT(epoch FROM timeout) OPERATOR(pg_catalog.*) "
		"1000)::pg_catalog.int4, "
		"format OPERATOR(pg_catalog.=) 'supabase', secret, secrets, strict, enabled FROM "
		"net._webhooks WHERE " PGNET_WEBHOOK_COUNTS_SQL,
};

enum
{
	COLUMN_NAME = 1,
	COLUMN_OWNER,
	COLUMN_OWNER_OID,
	COLUMN_RELATION,
	COLUMN_URL,
	COLUMN_COLUMNS,
	COLUMN_CONDITION,
	COLUMN_HEADERS,
	COLUMN_POLICY,
	COLUMN_TIMEOUT,
	COLUMN_SUPABASE,
	COLUMN_SECRET,
	COLUMN_SECRETS,
	COLUMN_STRICT,
	COLUMN_ENABLED
};

/* what is known, in a memory context of its own, and the version it was read of; 0 for none */
static MemoryContext known_context = NULL;
static List *known = NIL;
static uint64 known_version = 0;

/* what is just read, and where to */
static MemoryContext reading_context;
static List *read_so_far;

/* the table as last found, and how often its definition has changed since this process began */
static Oid known_table = InvalidOid;
static uint64 redefinitions = 0;

/* A column of a row that was read; null when it is. */
static NullableDatum
column_of(HeapTuple row, int column)
{
	NullableDatum result;

	result.value = SPI_getbinval(row, SPI_tuptable->tupdesc, column, &result.isnull);
	return result;
}

static char *
text_of(HeapTuple row, int column)
{
	return SPI_getvalue(row, SPI_tuptable->tupdesc, column);
}

/* An OID, InvalidOid for null. */
static Oid
oid_of(HeapTuple row, int column)
{
	NullableDatum value = column_of(row, column);

	return value.isnull ? InvalidOid : DatumGetObjectId(value.value);
}

static bool
is_true(HeapTuple row, int column)
{
	NullableDatum value = column_of(row, column);

	return !value.isnull && DatumGetBool(value.value);
}

/* A value of variable length, or null, in the current memory context. */
static NullableDatum
copy_of(NullableDatum value)
{
	if (!value.isnull)
		value.value = PointerGetDatum(PG_DETOAST_DATUM_COPY(value.value));
	return value;
}

/* The elements of a text[]. */
static List *
texts_of(NullableDatum array)
{
	List *texts = NIL;
	Datum *elements;
	bool *nulls;
	int count;

	if (array.isnull)
		return NIL;
	deconstruct_array(DatumGetArrayTypeP(array.value), TEXTOID, -1, false, TYPALIGN_INT, &elements,
					  &nulls, &count);
	for (int i = 0; i < count; i++)
		if (!nulls[i])
			texts = lappend(texts, TextDatumGetCString(elements[i]));
	return texts;
}

/* Adds a webhook. All that it has is in the memory of what is known. */
static void
add(HeapTuple row)
{
	MemoryContext before = MemoryContextSwitchTo(reading_context);
	Webhook *webhook = palloc0(sizeof(Webhook));

	webhook->name = text_of(row, COLUMN_NAME);
	webhook->owner_name = text_of(row, COLUMN_OWNER);
	webhook->owner = oid_of(row, COLUMN_OWNER_OID);
	webhook->relation = oid_of(row, COLUMN_RELATION);
	webhook->url = text_of(row, COLUMN_URL);
	webhook->columns = texts_of(column_of(row, COLUMN_COLUMNS));
	webhook->condition = text_of(row, COLUMN_CONDITION);
	webhook->headers =
		copy_of(pgnet_with_content_type(column_of(row, COLUMN_HEADERS), "application/json")).value;
	webhook->policy = text_of(row, COLUMN_POLICY);
	webhook->timeout_milliseconds = DatumGetInt32(column_of(row, COLUMN_TIMEOUT).value);
	webhook->is_supabase = is_true(row, COLUMN_SUPABASE);
	webhook->secret = text_of(row, COLUMN_SECRET);
	webhook->secrets = copy_of(column_of(row, COLUMN_SECRETS));
	webhook->strict = is_true(row, COLUMN_STRICT);
	webhook->enabled = is_true(row, COLUMN_ENABLED);
	read_so_far = lappend(read_so_far, webhook);
	MemoryContextSwitchTo(before);
}

/* Adds what was read. */
static void
add_rows(void)
{
	for (uint64 i = 0; i < SPI_processed; i++)
		add(SPI_tuptable->vals[i]);
}

/* Something about a table has changed, or about any. One that was not there may have been made. */
static void
note_change(Datum arg, Oid table)
{
	if (table == InvalidOid || known_table == InvalidOid || table == known_table)
		redefinitions++;
}

/* Reads the webhooks into a memory context. */
static List *
read_webhooks(MemoryContext context)
{
	reading_context = context;
	read_so_far = NIL;
	known_table = pgnet_find_table("_webhooks");
	if (OidIsValid(known_table))
		pgnet_read_latest(&webhooks_statement, known_table, add_rows);
	return read_so_far;
}

/* Reads them for this process. What was known may be in use until the transaction ends. */
static void
learn(uint64 version)
{
	static bool watching = false;

	if (!watching)
		CacheRegisterRelcacheCallback(note_change, (Datum) 0);
	watching = true;
	known_version = 0;
	if (known_context != NULL)
		MemoryContextSetParent(known_context, TopTransactionContext);
	known_context =
		AllocSetContextCreate(TopMemoryContext, "pg_net webhooks", ALLOCSET_SMALL_SIZES);
	known = read_webhooks(known_context);
	known_version = version;
}

/*
 * The webhooks. The list stays as it is while the current memory context does, and at most to the end of the transaction. What
 * this transaction has changed may be rolled back, and is not known beyond this call.
 */
List *
pgnet_webhooks(void)
{
	uint64 version = pgnet_hosts_version() + redefinitions;

	if (pgnet_hosts_changed_here())
		return read_webhooks(CurrentMemoryContext);
	if (version != known_version)
		learn(version);
	return known;
}

/* The webhook of a name; NULL when there is none. */
const Webhook *
pgnet_webhook_named(List *webhooks, const char *name)
{
	ListCell *cell;

	foreach (cell, webhooks)
		if (strcmp(((const Webhook *) lfirst(cell))->name, name) == 0)
			return lfirst(cell);
	return NULL;
}

/* The role that it belongs to; InvalidOid when it does not exist. One that is made later is that role. */
Oid
pgnet_webhook_owner(const Webhook *webhook)
{
	return OidIsValid(webhook->owner) ? webhook->owner : get_role_oid(webhook->owner_name, true);
}
