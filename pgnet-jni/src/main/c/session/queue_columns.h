/*
 * queue_columns.h
 *		Where the columns of the queue are.
 */
#ifndef PGNET_QUEUE_COLUMNS_H
#define PGNET_QUEUE_COLUMNS_H

#include "postgres.h"

#include "utils/relcache.h"

/*
 * The columns, with the type of each: first those that a request gives, in this order, pg_net's before the others; then those
 * that the table gives it, or webhooks.
 */
#define PGNET_GIVEN_COLUMNS(COLUMN)                \
	COLUMN(METHOD, method, TEXTOID)                \
	COLUMN(URL, url, TEXTOID)                      \
	COLUMN(HEADERS, headers, JSONBOID)             \
	COLUMN(TIMEOUT, timeout_milliseconds, INT4OID) \
	COLUMN(BODY, body, BYTEAOID)                   \
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

#define PGNET_QUEUE_COLUMNS(COLUMN)          \
	PGNET_GIVEN_COLUMNS(COLUMN)              \
	COLUMN(ID, id, INT8OID)                  \
	COLUMN(OWNER, owner, OIDOID)             \
	COLUMN(CREATED, created, TIMESTAMPTZOID) \
	COLUMN(WEBHOOK, webhook, TEXTOID)

#define QUEUE_COLUMN_OF(constant, name, type) COLUMN_##constant,

typedef enum QueueColumn
{
	PGNET_QUEUE_COLUMNS(QUEUE_COLUMN_OF) QUEUE_COLUMN_COUNT
} QueueColumn;

extern const char *pgnet_queue_column_name(QueueColumn column);
extern Oid pgnet_queue_column_type(QueueColumn column);
extern uint64 pgnet_queue_changes(void);
extern const AttrNumber *pgnet_queue_attributes(Relation table);

#endif /* PGNET_QUEUE_COLUMNS_H */
