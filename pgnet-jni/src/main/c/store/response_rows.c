/*
 * response_rows.c
 *		The rows of net._http_response that one transaction inserts: without a statement, as long as there is nothing on the
 *		table but indexes of columns.
 */
#include "store/response_rows.h"
#include "store/direct_rows.h"
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
	[RESPONSE_ID] = {"id", INT8OID, true},
	[RESPONSE_STATUS_CODE] = {"status_code", INT4OID},
	[RESPONSE_CONTENT_TYPE] = {"content_type", TEXTOID},
	[RESPONSE_HEADERS] = {"headers", JSONBOID},
	[RESPONSE_CONTENT] = {"content", TEXTOID},
	[RESPONSE_TIMED_OUT] = {"timed_out", BOOLOID},
	[RESPONSE_ERROR_MSG] = {"error_msg", TEXTOID},
	[RESPONSE_CREATED] = {"created", TIMESTAMPTZOID, true},
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

static DirectRows direct;
static bool replaces;
static bool is_direct;

/*
 * Begins a set of rows, in the current memory context. When none may replace another of the same id, such a one is an error.
 * The table is locked before net._response_detail, as everybody else does who wants both: a reader, whose policy asks there,
 * and TRUNCATE, whose trigger truncates that too.
 */
void
pgnet_response_rows_begin(bool replace)
{
	LockRelationOid(pgnet_responses_oid, RowExclusiveLock);
	replaces = replace;
	is_direct =
		!replace && pgnet_direct_rows_begin(&direct, pgnet_responses_oid, pgnet_response_columns);
	if (!is_direct)
		pgnet_rows_begin(&responses);
}

/* Adds a copy of a row, which may be stored at once: only when nobody looks at it before its details are there. */
void
pgnet_response_rows_add(Row *row)
{
	if (is_direct)
		pgnet_direct_rows_add(&direct, row);
	else
		pgnet_rows_add(&responses, row);
}

/* Inserts the rows that were added, whose details are there already. */
void
pgnet_response_rows_insert(void)
{
	if (is_direct)
		pgnet_direct_rows_end(&direct);
	else if (pgnet_rows_insert(&responses, replaces) < pgnet_rows_count(&responses))
		pgnet_execute(&remove_details_statement, NULL, NULL, SPI_OK_DELETE);
}
