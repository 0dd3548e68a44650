/*
 * headers.h
 *		Walks the members of a JSON object: a request's headers or parameters.
 */
#ifndef PGNET_HEADERS_H
#define PGNET_HEADERS_H

#include "postgres.h"
#include "lib/stringinfo.h"
#include "utils/jsonb.h"

typedef struct JsonbMembers
{
	JsonbIterator *iterator;
	JsonbValue key;
	JsonbValue value; /* a scalar, or jbvBinary for an array or object */
} JsonbMembers;

extern void pgnet_members_begin(JsonbMembers *members, Jsonb *object, const char *argument);
extern bool pgnet_members_next(JsonbMembers *members);
extern void pgnet_append_json_value(StringInfo out, const JsonbValue *value);
extern NullableDatum pgnet_with_content_type(NullableDatum headers, const char *type);
extern bool pgnet_has_content_type(NullableDatum headers, const char *type);

#endif /* PGNET_HEADERS_H */
