/*
 * queue_columns.h
 *		Where the columns of the queue are.
 */
#ifndef PGNET_QUEUE_COLUMNS_H
#define PGNET_QUEUE_COLUMNS_H

#include "postgres.h"

#include "utils/relcache.h"

/* The columns that are read when a row comes, with the type of each. */
#define PGNET_QUEUE_COLUMNS(COLUMN)                \
	COLUMN(ID, id, INT8OID)                        \
	COLUMN(METHOD, method, TEXTOID)                \
	COLUMN(URL, url, TEXTOID)                      \
	COLUMN(HEADERS, headers, JSONBOID)             \
	COLUMN(TIMEOUT, timeout_milliseconds, INT4OID) \
	COLUMN(OWNER, owner, OIDOID)                   \
	COLUMN(POLICY, policy, TEXTOID)                \
	COLUMN(NOT_BEFORE, not_before, TIMESTAMPTZOID) \
	COLUMN(EXPIRES, expires, TIMESTAMPTZOID)       \
	COLUMN(PRIORITY, priority, TEXTOID)            \
	COLUMN(ORDER_KEY, order_key, TEXTOID)          \
	COLUMN(ON_RESPONSE, on_response, TEXTOID)      \
	COLUMN(CONTEXT, context, JSONBOID)             \
	COLUMN(SECRETS, secrets, TEXTARRAYOID)         \
	COLUMN(SIGN_WITH, sign_with, TEXTOID)          \
	COLUMN(STORE, store, TEXTOID)

#define QUEUE_COLUMN_OF(constant, name, type) COLUMN_##constant,

typedef enum QueueColumn
{
	PGNET_QUEUE_COLUMNS(QUEUE_COLUMN_OF) QUEUE_COLUMN_COUNT
} QueueColumn;

extern const char *pgnet_queue_column_name(QueueColumn column);
extern const AttrNumber *pgnet_queue_attributes(Relation table);

#endif /* PGNET_QUEUE_COLUMNS_H */
