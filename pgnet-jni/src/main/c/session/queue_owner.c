/*
 * queue_owner.c
 *		Statements that a session runs with the rights of the queue's owner: callers may see their own requests, but write
 *		nothing that is kept of them.
 */
#include "session/queue_owner.h"
#include "shared/as_owner.h"
#include "shared/own_table.h"
#include "shared/table_owner.h"

#include "catalog/pg_type.h"
#include "utils/acl.h"

static Statement visible_statement = {
	.text = "SELECT FROM net.http_request_queue WHERE id OPERATOR(pg_catalog.=) $1",
	.argument_count = 1,
	.argument_types = {INT8OID},
};

/* Whether the caller can see a request of this id in the queue. Needs an SPI connection. */
bool
pgnet_sees_request(Datum id)
{
	pgnet_execute(&visible_statement, &id, NULL, SPI_OK_SELECT);
	return SPI_processed > 0;
}

/* What the owner of a table beside the queue puts on it would run with the rights of the queue's owner: it must have them. */
static void
check_owner_of(const char *name, Oid queue)
{
	Oid table = pgnet_find_table(name);

	if (OidIsValid(table) && !has_privs_of_role(pgnet_table_owner(table), pgnet_table_owner(queue)))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("tables net.%s and net.http_request_queue belong to different roles", name),
				 errhint("Give both tables the same owner with ALTER TABLE ... OWNER TO.")));
}

/* Raises an error unless the owners of the tables beside the queue have the rights of the queue's. */
void
pgnet_check_owners_beside_queue(void)
{
	Oid queue = pgnet_get_table("http_request_queue");

	check_owner_of("_delivery", queue);
	check_owner_of("dead_letters", queue);
}

/* Executes a statement as the owner, and returns how many rows it was about. Needs an SPI connection. */
uint64
pgnet_execute_as_owner(Statement *statement, Datum *values, int expected)
{
	return pgnet_execute_as_owner_with(statement, values, NULL, expected);
}

/* The same with nulls among the values, as SPI_execute_plan() takes them. */
uint64
pgnet_execute_as_owner_with(Statement *statement, Datum *values, const char *nulls, int expected)
{
	AsOwner caller;
	uint64 processed;

	pgnet_check_owners_beside_queue();
	caller = pgnet_as_owner_begin(pgnet_get_table("http_request_queue"));
	pgnet_execute(statement, values, nulls, expected);
	processed = SPI_processed;
	pgnet_as_owner_end(caller);
	return processed;
}
