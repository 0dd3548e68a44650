/*
 * direct_rows.h
 *		Rows that are stored without a statement, as COPY does it, in a table on which there is nothing but plain indexes.
 */
#ifndef PGNET_DIRECT_ROWS_H
#define PGNET_DIRECT_ROWS_H

#include "store/row_set.h"

#include "executor/tuptable.h"
#include "nodes/execnodes.h"
#include "utils/relcache.h"

/* of two hundred bytes, those of a page or two */
#define PGNET_DIRECT_ROWS_AT_A_TIME 64

#define PGNET_MOST_DIRECT_INDEXES 8

/* Where rows go, from begin to end. */
typedef struct DirectRows
{
	Relation table;
	TupleDesc descriptor;
	Relation indexes[PGNET_MOST_DIRECT_INDEXES];
	IndexInfo *index_infos[PGNET_MOST_DIRECT_INDEXES];
	int index_count;
	TupleTableSlot *slots[PGNET_DIRECT_ROWS_AT_A_TIME]; /* of rows that are not stored yet */
	int slot_count;                                     /* that have been made */
	int row_count;
} DirectRows;

extern bool pgnet_direct_rows_begin(DirectRows *rows, Oid table, const RowColumn *columns);
extern void pgnet_direct_rows_add(DirectRows *rows, Row *row);
extern void pgnet_direct_rows_end(DirectRows *rows);

#endif /* PGNET_DIRECT_ROWS_H */
