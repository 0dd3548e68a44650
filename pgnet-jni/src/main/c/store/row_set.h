/*
 * row_set.h
 *		The rows of one table that a transaction inserts, all in one statement.
 */
#ifndef PGNET_ROW_SET_H
#define PGNET_ROW_SET_H

#include "postgres.h"
#include "shared/statement.h"
#include "utils/queryenvironment.h"

/* of each of the two tables */
#define ROW_COLUMNS 8

typedef struct RowColumn
{
	const char *name;
	Oid type;
	bool is_filled; /* no row has a null there */
} RowColumn;

typedef struct Row
{
	Datum values[ROW_COLUMNS];
	bool nulls[ROW_COLUMNS];
} Row;

/* The statements read the rows from a relation of this name, which they alone see. */
typedef struct RowSet
{
	char *name;
	const RowColumn *columns;
	Statement insert;
	Statement replace; /* puts a row in the place of one of the same id */
	EphemeralNamedRelation rows;
} RowSet;

/* All need an SPI connection, the same one. */
extern EphemeralNamedRelation pgnet_rows_relation(char *name, const RowColumn *columns, int count);
extern void pgnet_rows_begin(RowSet *set);
extern void pgnet_rows_add(RowSet *set, Row *row);
extern int64 pgnet_rows_count(const RowSet *set);
extern int64 pgnet_rows_insert(RowSet *set, bool replace);

#endif /* PGNET_ROW_SET_H */
