/*
 * headers.c
 *		A request's headers as a JSON object: net._header and net._with_default_header.
 */
#include "session/headers.h"

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
key_matches(const JsonbValue *key, const text *name)
{
	return key->val.string.len == VARSIZE_ANY_EXHDR(name) &&
		   pg_strncasecmp(key->val.string.val, VARDATA_ANY(name), key->val.string.len) == 0;
}

/* net._header(headers jsonb, name text): the value of a header whatever the case of its name, null for none. */
Datum
pgnet_header(PG_FUNCTION_ARGS)
{
	text *name = PG_GETARG_TEXT_PP(1);
	JsonbMembers members;

	pgnet_members_begin(&members, PG_GETARG_JSONB_P(0), "headers");
	while (pgnet_members_next(&members))
		if (members.value.type != jbvNull && key_matches(&members.key, name))
		{
			StringInfoData value;

			initStringInfo(&value);
			pgnet_append_json_value(&value, &members.value);
			PG_RETURN_TEXT_P(cstring_to_text_with_len(value.data, value.len));
		}
	PG_RETURN_NULL();
}

/*
 * net._with_default_header(headers jsonb, name text, value text): the headers, and this one if no member has its name
 * in any case; null headers count as none.
 */
Datum
pgnet_with_default_header(PG_FUNCTION_ARGS)
{
	text *name;
	text *value;
	JsonbParseState *state = NULL;
	JsonbValue key = {.type = jbvString};
	JsonbValue string = {.type = jbvString};
	JsonbValue *result;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("name and value of a default header must not be null")));
	name = PG_GETARG_TEXT_PP(1);
	value = PG_GETARG_TEXT_PP(2);
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	if (!PG_ARGISNULL(0))
	{
		JsonbMembers members;

		pgnet_members_begin(&members, PG_GETARG_JSONB_P(0), "headers");
		while (pgnet_members_next(&members))
		{
			if (members.value.type != jbvNull && key_matches(&members.key, name))
				PG_RETURN_DATUM(PG_GETARG_DATUM(0));
			pushJsonbValue(&state, WJB_KEY, &members.key);
			pushJsonbValue(&state, WJB_VALUE, &members.value);
		}
	}
	key.val.string.val = VARDATA_ANY(name);
	key.val.string.len = VARSIZE_ANY_EXHDR(name);
	string.val.string.val = VARDATA_ANY(value);
	string.val.string.len = VARSIZE_ANY_EXHDR(value);
	pushJsonbValue(&state, WJB_KEY, &key);
	pushJsonbValue(&state, WJB_VALUE, &string);
	result = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	PG_RETURN_JSONB_P(JsonbValueToJsonb(result));
}
