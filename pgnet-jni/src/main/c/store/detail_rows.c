/*
 * detail_rows.c
 *		The rows of net._response_detail that one transaction inserts: what is known of responses beyond pg_net's columns.
 *
 * Nobody reads the table but the extension. So as long as its owner has put nothing on it, rows are stored without a
 * statement: that took as long as all else about a second row.
 */
#include "store/detail_rows.h"
#include "store/direct_rows.h"
#include "store/tables.h"

#include "catalog/pg_type.h"

#define ROWS "pgnet_details"

#define INSERT                                                     \
	"INSERT INTO net._response_detail "                            \
	"(id, owner, attempts, duration, method, url, body, context) " \
	"SELECT id, owner, attempts, duration, method, url, body, context FROM " ROWS

const RowColumn pgnet_detail_columns[ROW_COLUMNS] = {
	[DETAIL_ID] = {"id", INT8OID, true},       [DETAIL_OWNER] = {"owner", OIDOID},
	[DETAIL_ATTEMPTS] = {"attempts", INT4OID}, [DETAIL_DURATION] = {"duration", INTERVALOID},
	[DETAIL_METHOD] = {"method", TEXTOID},     [DETAIL_URL] = {"url", TEXTOID},
	[DETAIL_BODY] = {"body", BYTEAOID},        [DETAIL_CONTEXT] = {"context", JSONBOID},
};

static RowSet details = {
	.name = ROWS,
	.columns = pgnet_detail_columns,
	.insert = {.text = INSERT},
	.replace = {.text = INSERT
				" ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, attempts = "
				"excluded.attempts, duration = excluded.duration, method = excluded.method, "
				"url = excluded.url, body = excluded.body, context = excluded.context"},
};

static DirectRows direct;
static bool replaces;
static bool is_direct;

/*
 * Begins a set of rows, in the current memory context. When none may replace another of the same id, such a one is an
 * error.
 */
void
pgnet_detail_rows_begin(bool replace)
{
	replaces = replace;
	is_direct =
		!replace && pgnet_direct_rows_begin(&direct, pgnet_details_oid, pgnet_detail_columns);
	if (!is_direct)
		pgnet_rows_begin(&details);
}

/* Adds a copy of a row, which may be stored at once. */
void
pgnet_detail_rows_add(Row *row)
{
	if (is_direct)
		pgnet_direct_rows_add(&direct, row);
	else
		pgnet_rows_add(&details, row);
}

/* Inserts the rows that were added. */
void
pgnet_detail_rows_insert(void)
{
	if (is_direct)
		pgnet_direct_rows_end(&direct);
	else
		(void) pgnet_rows_insert(&details, replaces);
}
