/*
 * queue_columns.c
 *		Where the columns of the queue are: looked up by name when the table has changed, and not for every row.
 */
#include "session/queue_columns.h"

#include "access/tupdesc.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#define NAME_AND_TYPE(constant, name, type) {#name, type},

static const struct
{
	const char *name;
	Oid type;
} columns[] = {PGNET_QUEUE_COLUMNS(NAME_AND_TYPE)};

/* the table whose columns are known, InvalidOid for none */
static Oid known_table = InvalidOid;
static AttrNumber attributes[QUEUE_COLUMN_COUNT];

static uint64 changes = 0;

/* The name of a column. */
const char *
pgnet_queue_column_name(QueueColumn column)
{
	return columns[column].name;
}

/* The type of a column; that of the method is a domain over it. */
Oid
pgnet_queue_column_type(QueueColumn column)
{
	return columns[column].type;
}

/* How often something has changed about the table whose columns are known, or it became another one. */
uint64
pgnet_queue_changes(void)
{
	return changes;
}

/* Something about a table has changed, or about any. */
static void
note_change(Datum arg, Oid table)
{
	if (table != InvalidOid && table != known_table)
		return;
	known_table = InvalidOid;
	changes++;
}

/* The number of a column. Its type is checked: whoever may execute the trigger can make it that of another table. */
static AttrNumber
find(TupleDesc descriptor, QueueColumn column)
{
	int attribute = SPI_fnumber(descriptor, columns[column].name);

	if (attribute <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("table net.http_request_queue has no column \"%s\"", columns[column].name),
				 errhint("Run ALTER EXTENSION pg_net UPDATE.")));
	if (getBaseType(SPI_gettypeid(descriptor, attribute)) != columns[column].type)
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("column \"%s\" must be of type %s", columns[column].name,
							   format_type_be(columns[column].type))));
	return attribute;
}

/* The numbers of the columns; an error when one is not there, or of another type. */
const AttrNumber *
pgnet_queue_attributes(Relation table)
{
	static bool watching = false;

	if (!watching)
		CacheRegisterRelcacheCallback(note_change, (Datum) 0);
	watching = true;
	if (known_table != RelationGetRelid(table))
	{
		known_table = InvalidOid;
		changes++;
		for (int i = 0; i < QUEUE_COLUMN_COUNT; i++)
			attributes[i] = find(RelationGetDescr(table), i);
		known_table = RelationGetRelid(table);
	}
	return attributes;
}
