/*
 * webhook_states.c
 *		Which webhooks there are, which of them are disabled, and those that become so: whose receiver answers 410 Gone. What waits for the next attempt
 *		is due then, since it will not be sent.
 */
#include "store/webhook_states.h"
#include "shared/as_owner.h"
#include "shared/memory.h"
#include "shared/own_table.h"
#include "shared/ring.h"
#include "shared/slot.h"
#include "shared/webhook_limits.h"
#include "store/ids.h"
#include "store/store.h"
#include "store/tables.h"
#include "store/transaction.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#define GONE_STATUS 410

/* The owner is looked for where it matters. */
static Statement states_statement = {
	.text =
		"SELECT CASE WHEN NOT w.enabled THEN net._webhook_owner(w) END::pg_catalog.text, w.name, "
		"CASE WHEN NOT w.enabled THEN "
		"coalesce(pg_catalog.left(w.disabled_because, 500), 'set enabled to true') END "
		"FROM net._webhooks w WHERE w." PGNET_WEBHOOK_COUNTS_SQL,
};

/* Not one that somebody changes just now, who would be waited for. */
static Statement disable_statement = {
	.text = "UPDATE net._webhooks w SET enabled = false, disabled_because = pg_catalog.format("
			"'the receiver answered 410 Gone at %s', pg_catalog.date_trunc('second', "
			"pg_catalog.now())) WHERE w.name OPERATOR(pg_catalog.=) ANY (ARRAY("
			"SELECT x.name FROM net._webhooks x JOIN net.http_request_queue q "
			"ON q.webhook OPERATOR(pg_catalog.=) x.name WHERE q.id OPERATOR(pg_catalog.=) ANY ($1) "
			"AND x.enabled AND net._webhook_owner(x) OPERATOR(pg_catalog.=) q.owner "
			"FOR UPDATE OF x SKIP LOCKED)) RETURNING w.name",
	.argument_count = 1,
	.argument_types = {INT8ARRAYOID},
};

static Statement hasten_statement = {
	.text = "UPDATE net._delivery SET due = pg_catalog.clock_timestamp() "
			"WHERE request_id OPERATOR(pg_catalog.=) ANY (ARRAY("
			"SELECT d.request_id FROM net._delivery d JOIN net.http_request_queue q "
			"ON q.id OPERATOR(pg_catalog.=) d.request_id "
			"WHERE d.due OPERATOR(pg_catalog.>) pg_catalog.clock_timestamp() "
			"AND q.webhook OPERATOR(pg_catalog.=) ANY ($1) FOR UPDATE OF d SKIP LOCKED)) "
			"RETURNING request_id",
	.argument_count = 1,
	.argument_types = {TEXTARRAYOID},
};

/* what is due by a transaction that is not committed yet: from first to last; none when the first is behind the last */
static IdRange hastened = {PG_INT64_MAX, PG_INT64_MIN};

/* The texts of all webhooks, one after the other, in the caller's memory, NULL for none. Returns how many webhooks there are. */
int
pgnet_read_webhook_states(char ***texts)
{
	MemoryContext caller = CurrentMemoryContext;
	Oid table;
	int count = 0;

	if (!pgnet_transaction_begin(false))
		return 0;
	table = pgnet_find_table("_webhooks");
	if (OidIsValid(table))
	{
		AsOwner worker = pgnet_as_owner_begin(table);

		pgnet_execute(&states_statement, NULL, NULL, SPI_OK_SELECT);
		count = SPI_processed;
		*texts = MemoryContextAlloc(caller, sizeof(char *) * (count * PGNET_WEBHOOK_TEXTS + 1));
		for (int i = 0; i < count * PGNET_WEBHOOK_TEXTS; i++)
		{
			char *text = SPI_getvalue(SPI_tuptable->vals[i / PGNET_WEBHOOK_TEXTS],
									  SPI_tuptable->tupdesc, i % PGNET_WEBHOOK_TEXTS + 1);

			(*texts)[i] =
				text == NULL
					? NULL
					: MemoryContextStrdup(caller, pg_server_to_any(text, strlen(text), PG_UTF8));
		}
		pgnet_as_owner_end(worker);
	}
	pgnet_transaction_end();
	return count;
}

/* Has what waits for the next attempt of these webhooks looked at. Which they are is in the result of the last statement. */
static void
hasten(void)
{
	Datum *names = palloc(sizeof(Datum) * SPI_processed);
	Datum array;
	int count = SPI_processed;

	for (int i = 0; i < count; i++)
	{
		char *name = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);

		ereport(WARNING,
				(errmsg("webhook \"%s\" is disabled: the receiver answered 410 Gone", name),
				 errhint("Correct its url, set enabled to true in net.webhooks, and send its dead "
						 "letters with net.retry_all.")));
		names[i] = CStringGetTextDatum(name);
	}
	array = PointerGetDatum(construct_array(names, count, TEXTOID, -1, false, TYPALIGN_INT));
	pgnet_execute(&hasten_statement, &array, NULL, SPI_OK_UPDATE_RETURNING);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		int64 id = DatumGetInt64(pgnet_result_value(i, 1));

		hastened = (IdRange){Min(hastened.first, id), Max(hastened.last, id)};
	}
}

/* Disables the webhooks of requests whose receivers are gone, which are still in the queue. */
void
pgnet_disable_webhooks(const Outcome *outcomes, int count)
{
	Datum *ids = NULL;
	Datum array;
	int gone = 0;

	hastened = (IdRange){PG_INT64_MAX, PG_INT64_MIN};
	for (int i = 0; i < count; i++)
		if (outcomes[i].dead != NULL && outcomes[i].status == GONE_STATUS &&
			strcmp(outcomes[i].dead, "gone") == 0)
		{
			if (ids == NULL)
				ids = palloc(sizeof(Datum) * count);
			ids[gone++] = Int64GetDatum(outcomes[i].id);
		}
	if (gone == 0)
		return;
	array = pgnet_id_array(ids, gone);
	pgnet_execute(&disable_statement, &array, NULL, SPI_OK_UPDATE_RETURNING);
	if (SPI_processed > 0)
		hasten();
}

/* After the commit: the worker looks at what has become due. */
void
pgnet_disabled_webhooks_announce(void)
{
	Committed due = MIXED_IDS(hastened);

	if (hastened.first <= hastened.last)
		pgnet_hand_over(&due, 1, false);
	hastened = (IdRange){PG_INT64_MAX, PG_INT64_MIN};
}
