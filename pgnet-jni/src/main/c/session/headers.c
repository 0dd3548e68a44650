/*
 * headers.c
 *		A request's headers as a JSON object: net._header and net._with_default_header.
 */
#include "session/headers.h"
#include "shared/compat.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

PG_FUNCTION_INFO_V1(pgnet_header);
PG_FUNCTION_INFO_V1(pgnet_with_default_header);

/* Starts the walk over an object's members; an error that names the argument when it is no object. */
void
pgnet_members_begin(JsonbMembers *members, Jsonb *object, const char *argument)
{
	if (!JB_ROOT_IS_OBJECT(object))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%s must be a JSON object", argument),
						errhint("Write it like '{\"name\": \"value\"}'.")));
	members->iterator = JsonbIteratorInit(&object->root);
	(void) JsonbIteratorNext(&members->iterator, &members->value, true);
}

/* Goes to the next member; false behind the last. */
bool
pgnet_members_next(JsonbMembers *members)
{
	if (JsonbIteratorNext(&members->iterator, &members->key, true) != WJB_KEY)
		return false;
	(void) JsonbIteratorNext(&members->iterator, &members->value, true);
	return true;
}

/* Appends a value as text: a string as it is, anything else as JSON, as jsonb_each_text() does. */
void
pgnet_append_json_value(StringInfo out, const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvString:
			appendBinaryStringInfo(out, value->val.string.val, value->val.string.len);
			break;
		case jbvBool:
			appendStringInfoString(out, value->val.boolean ? "true" : "false");
			break;
		case jbvNumeric:
			appendStringInfoString(out, DatumGetCString(DirectFunctionCall1(
											numeric_out, NumericGetDatum(value->val.numeric))));
			break;
		case jbvBinary:
			(void) JsonbToCString(out, value->val.binary.data, value->val.binary.len);
			break;
		default:
			break;
	}
}

/* Whether a member has this name, in any case. */
static bool
key_matches(const JsonbValue *key, const char *name, int length)
{
	return key->val.string.len == length && pg_strncasecmp(key->val.string.val, name, length) == 0;
}

/* Goes to the member of this name, in any case, that is not null; false when there is none. */
static bool
find_header(JsonbMembers *members, Jsonb *headers, const char *name, int length)
{
	pgnet_members_begin(members, headers, "headers");
	while (pgnet_members_next(members))
		if (members->value.type != jbvNull && key_matches(&members->key, name, length))
			return true;
	return false;
}

/* net._header(headers jsonb, name text): the value of a header whatever the case of its name, null for none. */
Datum
pgnet_header(PG_FUNCTION_ARGS)
{
	text *name = PG_GETARG_TEXT_PP(1);
	JsonbMembers members;
	StringInfoData value;

	if (!find_header(&members, PG_GETARG_JSONB_P(0), VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)))
		PG_RETURN_NULL();
	initStringInfo(&value);
	pgnet_append_json_value(&value, &members.value);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(value.data, value.len));
}

/* A string as JSON has it. */
static JsonbValue
json_string(const char *string, int length)
{
	return (JsonbValue){.type = jbvString,
						.val.string = {.val = unconstify(char *, string), .len = length}};
}

/* The headers, and one more. */
static Datum
with_header(Datum headers, bool is_null, JsonbValue name, JsonbValue value)
{
	pgnet_jsonb_state state = {0};
	JsonbMembers members;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	if (!is_null)
	{
		pgnet_members_begin(&members, DatumGetJsonbP(headers), "headers");
		while (pgnet_members_next(&members))
		{
			pushJsonbValue(&state, WJB_KEY, &members.key);
			pushJsonbValue(&state, WJB_VALUE, &members.value);
		}
	}
	pushJsonbValue(&state, WJB_KEY, &name);
	pushJsonbValue(&state, WJB_VALUE, &value);
	return JsonbPGetDatum(JsonbValueToJsonb(pgnet_jsonb_end(&state, WJB_END_OBJECT)));
}

/* The headers, and this one if no member has its name in any case; null headers count as none. */
static NullableDatum
with_default_header(NullableDatum headers, JsonbValue name, JsonbValue value)
{
	JsonbMembers members;

	if (!headers.isnull && find_header(&members, DatumGetJsonbP(headers.value), name.val.string.val,
									   name.val.string.len))
		return headers;
	return (NullableDatum){.value = with_header(headers.value, headers.isnull, name, value)};
}

/* net._with_default_header(headers jsonb, name text, value text). */
Datum
pgnet_with_default_header(PG_FUNCTION_ARGS)
{
	text *name;
	text *value;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("name and value of a default header must not be null")));
	name = PG_GETARG_TEXT_PP(1);
	value = PG_GETARG_TEXT_PP(2);
	PG_RETURN_DATUM(with_default_header(fcinfo->args[0],
										json_string(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)),
										json_string(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)))
						.value);
}

#define CONTENT_TYPE "Content-Type"

/* The headers, with this Content-Type if they have none. */
NullableDatum
pgnet_with_content_type(NullableDatum headers, const char *type)
{
	return with_default_header(headers, json_string(CONTENT_TYPE, strlen(CONTENT_TYPE)),
							   json_string(type, strlen(type)));
}

/* Whether the Content-Type that is found first is this one. */
bool
pgnet_has_content_type(NullableDatum headers, const char *type)
{
	JsonbMembers members;
	StringInfoData value;

	if (headers.isnull ||
		!find_header(&members, DatumGetJsonbP(headers.value), CONTENT_TYPE, strlen(CONTENT_TYPE)))
		return false;
	initStringInfo(&value);
	pgnet_append_json_value(&value, &members.value);
	return strcmp(value.data, type) == 0;
}
