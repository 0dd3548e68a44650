/*
 * callback_dues.c
 *		Whose callbacks wait in this database, and when the first of each owner's is due: two look-ups in the index for each
 *		owner, however many callbacks wait.
 */
#include "shared/callback_dues.h"
#include "shared/statement.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

static Statement dues_statement = {
	.text = "WITH RECURSIVE waiting (owner) AS ("
			"(SELECT owner FROM net._callbacks ORDER BY owner LIMIT 1) "
			"UNION ALL SELECT (SELECT c.owner FROM net._callbacks c "
			"WHERE c.owner OPERATOR(pg_catalog.>) waiting.owner ORDER BY c.owner LIMIT 1) "
			"FROM waiting WHERE waiting.owner IS NOT NULL) "
			"SELECT owner, (SELECT c.due FROM net._callbacks c "
			"WHERE c.owner OPERATOR(pg_catalog.=) waiting.owner ORDER BY c.due LIMIT 1) "
			"FROM waiting WHERE owner IS NOT NULL ORDER BY owner",
};

/* A column of a row of the result; zero for null, or when somebody has made it another type. */
static Datum
value_of(uint64 row, int column, Oid type)
{
	bool isnull = true;
	Datum value = 0;

	if (SPI_gettypeid(SPI_tuptable->tupdesc, column) == type)
		value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &isnull);
	return isnull ? (Datum) 0 : value;
}

/* In the order of the owners, in SPI's memory. Needs an SPI connection with the rights of the table's owner. */
CallbackDue *
pgnet_callback_dues(int *count)
{
	CallbackDue *dues;

	pgnet_execute(&dues_statement, NULL, NULL, SPI_OK_SELECT);
	*count = SPI_processed;
	dues = palloc(sizeof(CallbackDue) * (SPI_processed + 1));
	for (uint64 i = 0; i < SPI_processed; i++)
		dues[i] = (CallbackDue){DatumGetObjectId(value_of(i, 1, OIDOID)),
								DatumGetTimestampTz(value_of(i, 2, TIMESTAMPTZOID))};
	return dues;
}
