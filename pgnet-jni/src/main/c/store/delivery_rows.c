/*
 * delivery_rows.c
 *		What recording writes beside the queue. For requests without a row there it does nothing.
 */
#include "store/delivery_rows.h"
#include "store/ids.h"
#include "store/store.h"
#include "store/transaction.h"

static Statement ended_statement = {
	.text = "DELETE FROM net._delivery WHERE request_id OPERATOR(pg_catalog.=) ANY ($1)",
	.argument_count = 1,
	.argument_types = {INT8ARRAYOID},
};

/* The rows of requests that have just been recorded go. */
void
pgnet_delivery_ended(const Outcome *outcomes, int count)
{
	Datum *ids = palloc(sizeof(Datum) * count);
	int ended = 0;
	Datum array;

	for (int i = 0; i < count; i++)
		if (outcomes[i].has_delivery && *outcomes[i].disposition == DISPOSITION_RECORDED)
			ids[ended++] = Int64GetDatum(outcomes[i].id);
	if (ended == 0)
		return;
	array = pgnet_id_array(ids, ended);
	pgnet_execute(&ended_statement, &array, NULL, SPI_OK_DELETE);
}
