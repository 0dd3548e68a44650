/*
 * response_rows.c
 *		The rows of net._http_response that one transaction inserts.
 */
#include "store/response_rows.h"
#include "store/tables.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "storage/lmgr.h"

#define ROWS "pgnet_responses"

#define INSERT                                                                               \
	"INSERT INTO net._http_response "                                                        \
	"(id, status_code, content_type, headers, content, timed_out, error_msg, created) "      \
	"SELECT id, status_code, content_type, headers, content, timed_out, error_msg, created " \
	"FROM " ROWS

const RowColumn pgnet_response_columns[ROW_COLUMNS] = {
	[RESPONSE_ID] = {"id", INT8OID},
	[RESPONSE_STATUS_CODE] = {"status_code", INT4OID},
	[RESPONSE_CONTENT_TYPE] = {"content_type", TEXTOID},
	[RESPONSE_HEADERS] = {"headers", JSONBOID},
	[RESPONSE_CONTENT] = {"content", TEXTOID},
	[RESPONSE_TIMED_OUT] = {"timed_out", BOOLOID},
	[RESPONSE_ERROR_MSG] = {"error_msg", TEXTOID},
	[RESPONSE_CREATED] = {"created", TIMESTAMPTZOID},
};

/* A response of the same id can be there when somebody restarted the queue's sequence: the newer one replaces it. */
static RowSet responses = {
	.name = ROWS,
	.columns = pgnet_response_columns,
	.insert = {.text = INSERT},
	.replace = {.text =
					INSERT " ON CONFLICT (id) DO UPDATE SET status_code = excluded.status_code, "
						   "content_type = excluded.content_type, headers = excluded.headers, "
						   "content = excluded.content, timed_out = excluded.timed_out, "
						   "error_msg = excluded.error_msg, created = excluded.created"},
};

/* When a trigger of the owner's has left out some of them. */
static Statement remove_details_statement = {
	.text = "DELETE FROM net._response_detail d WHERE id OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT "
			"id FROM " ROWS ")) AND NOT EXISTS (SELECT FROM net._http_response r WHERE r.id "
			"OPERATOR(pg_catalog.=) d.id)",
};

/*
 * Begins a set of rows, in the current memory context. The table is locked before net._response_detail, as everybody else
 * does who wants both: a reader, whose policy asks there, and TRUNCATE, whose trigger truncates that too.
 */
void
pgnet_response_rows_begin(void)
{
	LockRelationOid(pgnet_responses_oid, RowExclusiveLock);
	pgnet_rows_begin(&responses);
}

/* Adds a copy of a row. */
void
pgnet_response_rows_add(Row *row)
{
	pgnet_rows_add(&responses, row);
}

/* Inserts the rows that were added, whose details are there already. */
void
pgnet_response_rows_insert(bool replace)
{
	if (pgnet_rows_insert(&responses, replace) < pgnet_rows_count(&responses))
		pgnet_execute(&remove_details_statement, NULL, NULL, SPI_OK_DELETE);
}
