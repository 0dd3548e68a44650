/*
 * statement.h
 *		A statement that a process prepares at its first use and keeps.
 */
#ifndef PGNET_STATEMENT_H
#define PGNET_STATEMENT_H

#include "postgres.h"
#include "executor/spi.h"

typedef struct Statement
{
	const char *text;
	int argument_count;
	Oid argument_types[16];
	SPIPlanPtr plan;
} Statement;

extern void pgnet_prepare(Statement *statement);
extern void pgnet_execute(Statement *statement, Datum *values, const char *nulls, int expected);
extern void pgnet_check_result(const Oid *types, int count);
extern Datum pgnet_result_value(uint64 row, int column);

#endif /* PGNET_STATEMENT_H */
