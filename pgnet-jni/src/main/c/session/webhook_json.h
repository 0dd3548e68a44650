/*
 * webhook_json.h
 *		Rows as JSON objects.
 */
#ifndef PGNET_WEBHOOK_JSON_H
#define PGNET_WEBHOOK_JSON_H

#include "postgres.h"

#include "executor/tuptable.h"
#include "lib/stringinfo.h"

typedef struct RowJson RowJson;

extern RowJson *pgnet_row_json(TupleDesc descriptor);
extern void pgnet_append_row_json(StringInfo out, RowJson *json, TupleTableSlot *row);

#endif /* PGNET_WEBHOOK_JSON_H */
