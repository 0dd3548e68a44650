/*
 * statement.c
 *		A statement that a process prepares at its first use and keeps.
 */
#include "shared/statement.h"

/* Prepares it, unless that is done. */
void
pgnet_prepare(Statement *statement)
{
	SPIPlanPtr plan;

	if (statement->plan != NULL)
		return;
	plan = SPI_prepare(statement->text, statement->argument_count, statement->argument_types);
	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", statement->text,
			 SPI_result_code_string(SPI_result));
	SPI_keepplan(plan);
	statement->plan = plan;
}

/* Executes it; an error unless the result is the expected code of SPI. */
void
pgnet_execute(Statement *statement, Datum *values, const char *nulls, int expected)
{
	int result;

	pgnet_prepare(statement);
	result = SPI_execute_plan(statement->plan, values, nulls, false, 0);
	if (result != expected)
		elog(ERROR, "could not execute \"%s\": %s", statement->text,
			 SPI_result_code_string(result));
}

/* Raises an error unless the columns that the last statement returned are of these types, by which they are to be read. */
void
pgnet_check_result(const Oid *types, int count)
{
	TupleDesc descriptor = SPI_tuptable->tupdesc;

	for (int i = 0; i < count; i++)
		if (descriptor->natts <= i || TupleDescAttr(descriptor, i)->atttypid != types[i])
			ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
							errmsg("a table of the extension was altered just now")));
}

/* A column of a row that the last statement returned, of a type passed by value; without a meaning when it is null. */
Datum
pgnet_result_value(uint64 row, int column)
{
	bool isnull;

	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &isnull);
}
