/*
 * body.c
 *		The bytes of a request's body: text is sent as UTF-8.
 */
#include "session/body.h"
#include "shared/compat.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

/* A text as bytea; an error if it cannot be converted. */
NullableDatum
pgnet_text_body(Datum text)
{
	Datum encoding = DirectFunctionCall1(namein, CStringGetDatum("UTF8"));

	return (NullableDatum){.value = DirectFunctionCall2(pg_convert_to, text, encoding)};
}

/* JSON as bytea, null for null. */
NullableDatum
pgnet_json_body(NullableDatum json)
{
	Jsonb *value;

	if (json.isnull)
		return json;
	value = DatumGetJsonbP(json.value);
	return pgnet_text_body(
		CStringGetTextDatum(JsonbToCString(NULL, &value->root, VARSIZE_ANY_EXHDR(value))));
}
