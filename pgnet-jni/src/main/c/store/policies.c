/*
 * policies.c
 *		What net.policies says of a policy. It is read when a decision is to be made, so that a changed policy holds at once.
 */
#include "store/policies.h"
#include "store/store.h"
#include "store/transaction.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

/* As texts, which Java reads: numbers, spans in microseconds, lists with commas, true or false. */
static Statement policy_statement = {
	.text = "SELECT pg_catalog.array_to_string(ARRAY(SELECT pg_catalog.round(extract(epoch FROM "
			"d.delay) "
			"OPERATOR(pg_catalog.*) 1000000) FROM pg_catalog.unnest(delays) WITH ORDINALITY d "
			"(delay, number) "
			"ORDER BY d.number), ','), "
			"coalesce(max_attempts::pg_catalog.text, ''), "
			"coalesce(pg_catalog.round(extract(epoch FROM max_age) OPERATOR(pg_catalog.*) "
			"1000000)::pg_catalog.text, ''), "
			"jitter::pg_catalog.text, "
			"pg_catalog.array_to_string(retry_on, ','), "
			"coalesce(keep_dead, true)::pg_catalog.text "
			"FROM net.policies WHERE name OPERATOR(pg_catalog.=) $1",
	.argument_count = 1,
	.argument_types = {TEXTOID},
};

static const Oid types[PGNET_POLICY_TEXTS] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID};

/* The texts of a policy, in the caller's memory; false when there is none of this name, or no table. */
bool
pgnet_read_policy(const char *name, char **texts)
{
	MemoryContext caller = CurrentMemoryContext;
	Datum value = CStringGetTextDatum(name);
	bool found;

	if (!pgnet_transaction_begin(false))
		return false;
	pgnet_execute(&policy_statement, &value, NULL, SPI_OK_SELECT);
	pgnet_check_result(types, lengthof(types));
	found = SPI_processed > 0;
	for (int i = 0; found && i < PGNET_POLICY_TEXTS; i++)
	{
		char *text = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i + 1);

		texts[i] = MemoryContextStrdup(caller, text == NULL ? "" : text);
	}
	pgnet_transaction_end();
	return found;
}
