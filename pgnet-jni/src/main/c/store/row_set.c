/*
 * row_set.c
 *		The rows of one table that a transaction inserts, all in one statement.
 */
#include "store/row_set.h"
#include "shared/compat.h"

#include "access/tupdesc.h"
#include "utils/tuplestore.h"

/* More than the Java side hands over at a time: rows go to a temporary file only when one that holds no pointer is larger. */
#define MAX_ROWS_KILOBYTES (64 * 1024)

/* The relation's columns as the executor wants them. */
static TupleDesc
describe_rows(const RowColumn *columns, int count)
{
	TupleDesc descriptor = CreateTemplateTupleDesc(count);

	for (int i = 0; i < count; i++)
		TupleDescInitEntry(descriptor, i + 1, columns[i].name, columns[i].type, -1, 0);
	pgnet_tuple_desc_finish(descriptor);
	return descriptor;
}

/* Makes a relation of this name, in the current memory context, which only the statements of this SPI connection see. */
EphemeralNamedRelation
pgnet_rows_relation(char *name, const RowColumn *columns, int count)
{
	EphemeralNamedRelation rows = palloc0(sizeof(EphemeralNamedRelationData));
	int result;

	rows->md.name = name;
	rows->md.reliddesc = InvalidOid;
	rows->md.tupdesc = describe_rows(columns, count);
	rows->md.enrtype = ENR_NAMED_TUPLESTORE;
	rows->reldata = tuplestore_begin_heap(false, false, MAX_ROWS_KILOBYTES);
	result = SPI_register_relation(rows);
	if (result != SPI_OK_REL_REGISTER)
		elog(ERROR, "could not register %s: %s", name, SPI_result_code_string(result));
	return rows;
}

/*
 * Begins a set of rows, in the current memory context. They are a relation: parsing an array for each column took as long as
 * the insert.
 */
void
pgnet_rows_begin(RowSet *set)
{
	set->rows = pgnet_rows_relation(set->name, set->columns, ROW_COLUMNS);
}

/* Adds a copy of a row. */
void
pgnet_rows_add(RowSet *set, Row *row)
{
	tuplestore_putvalues(set->rows->reldata, set->rows->md.tupdesc, row->values, row->nulls);
}

/* How many rows were added. */
int64
pgnet_rows_count(const RowSet *set)
{
	return tuplestore_tuple_count(set->rows->reldata);
}

/*
 * Inserts the rows that were added; returns how many are in the table, which a trigger may leave out. When none may replace
 * another of the same id, such a one is an error.
 */
int64
pgnet_rows_insert(RowSet *set, bool replace)
{
	set->rows->md.enrtuples = pgnet_rows_count(set);
	pgnet_execute(replace ? &set->replace : &set->insert, NULL, NULL, SPI_OK_INSERT);
	return SPI_processed;
}
