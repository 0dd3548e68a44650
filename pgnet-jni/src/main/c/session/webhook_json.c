/*
 * webhook_json.c
 *		Rows as JSON objects, as row_to_json() has them. That looks at the type of each column in each row, which takes longer
 *		than all else; here it is looked at once for a statement.
 */
#include "session/webhook_json.h"
#include "shared/compat.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "parser/parse_coerce.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/lsyscache.h"

/* How the values of a type are written. */
typedef enum Manner
{
	MANNER_BOOLEAN,
	MANNER_NUMBER,
	MANNER_MOMENT,
	MANNER_JSON, /* as the type's output function has it */
	MANNER_ARRAY,
	MANNER_ROW,
	MANNER_CAST,  /* by a function that makes json of it */
	MANNER_STRING /* what the type's output function has, quoted */
} Manner;

typedef struct JsonColumn
{
	AttrNumber number;
	Oid type; /* its base type */
	Manner manner;
	FmgrInfo function; /* of the output, or of the cast */
	char *begin;       /* the name, and what is before and behind it */
	int begin_bytes;
} JsonColumn;

struct RowJson
{
	int count;
	JsonColumn columns[FLEXIBLE_ARRAY_MEMBER];
};

/* The function that makes json of a type that is no part of PostgreSQL; InvalidOid for none. */
static Oid
json_cast(Oid type)
{
	Oid function;

	if (type < FirstNormalObjectId)
		return InvalidOid;
	return find_coercion_pathway(JSONOID, type, COERCION_EXPLICIT, &function) == COERCION_PATH_FUNC
			   ? function
			   : InvalidOid;
}

/* The manner of a type, but for those that are cast. */
static Manner
manner_of(Oid type)
{
	switch (type)
	{
		case BOOLOID:
			return MANNER_BOOLEAN;
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case FLOAT4OID:
		case FLOAT8OID:
		case NUMERICOID:
			return MANNER_NUMBER;
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return MANNER_MOMENT;
		case JSONOID:
		case JSONBOID:
			return MANNER_JSON;
		default:
			if (OidIsValid(get_element_type(type)) || type == ANYARRAYOID || type == RECORDARRAYOID)
				return MANNER_ARRAY;
			return type_is_rowtype(type) ? MANNER_ROW : MANNER_STRING;
	}
}

/* Finds out how a column is written. */
static void
look_at(JsonColumn *column, Form_pg_attribute attribute)
{
	StringInfoData begin;
	Oid function;
	bool is_varlena;

	column->number = attribute->attnum;
	column->type = getBaseType(attribute->atttypid);
	column->manner = manner_of(column->type);
	getTypeOutputInfo(column->type, &function, &is_varlena);
	if (column->manner == MANNER_STRING && OidIsValid(json_cast(column->type)))
	{
		column->manner = MANNER_CAST;
		function = json_cast(column->type);
	}
	fmgr_info(function, &column->function);
	initStringInfo(&begin);
	escape_json(&begin, NameStr(attribute->attname));
	appendStringInfoChar(&begin, ':');
	column->begin = begin.data;
	column->begin_bytes = begin.len;
}

/* How rows of these columns are written, in the current memory context. */
RowJson *
pgnet_row_json(TupleDesc descriptor)
{
	RowJson *json = palloc0(offsetof(RowJson, columns) + descriptor->natts * sizeof(JsonColumn));

	for (int i = 0; i < descriptor->natts; i++)
		if (!TupleDescAttr(descriptor, i)->attisdropped)
			look_at(&json->columns[json->count++], TupleDescAttr(descriptor, i));
	return json;
}

/* Adds a number; what is none in JSON, like NaN, is a string. */
static void
append_number(StringInfo out, const char *number)
{
	size_t length = strlen(number);

	if (length > 0 && isdigit((unsigned char) number[length - 1]))
		appendBinaryStringInfo(out, number, length);
	else
		escape_json(out, number);
}

/* Adds a text that is JSON. */
static void
append_json(StringInfo out, Datum json)
{
	text *string = DatumGetTextPP(json);

	appendBinaryStringInfo(out, VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string));
}

/* Adds a moment, in ISO 8601. */
static void
append_moment(StringInfo out, Datum value, Oid type)
{
	char moment[MAXDATELEN + 1];

	JsonEncodeDateTime(moment, value, type, NULL);
	appendStringInfo(out, "\"%s\"", moment);
}

/* Adds a value that is not null. */
static void
append_value(StringInfo out, JsonColumn *column, Datum value)
{
	switch (column->manner)
	{
		case MANNER_BOOLEAN:
			appendStringInfoString(out, DatumGetBool(value) ? "true" : "false");
			break;
		case MANNER_NUMBER:
			append_number(out, OutputFunctionCall(&column->function, value));
			break;
		case MANNER_MOMENT:
			append_moment(out, value, column->type);
			break;
		case MANNER_JSON:
			appendStringInfoString(out, OutputFunctionCall(&column->function, value));
			break;
		case MANNER_ARRAY:
			append_json(out, DirectFunctionCall1(array_to_json, value));
			break;
		case MANNER_ROW:
			append_json(out, DirectFunctionCall1(row_to_json, value));
			break;
		case MANNER_CAST:
			append_json(out, FunctionCall1(&column->function, value));
			break;
		case MANNER_STRING:
			escape_json(out, OutputFunctionCall(&column->function, value));
			break;
	}
}

/* Adds a row as a JSON object; null for none. */
void
pgnet_append_row_json(StringInfo out, RowJson *json, TupleTableSlot *row)
{
	if (TupIsNull(row))
	{
		appendStringInfoString(out, "null");
		return;
	}
	slot_getallattrs(row);
	for (int i = 0; i < json->count; i++)
	{
		JsonColumn *column = &json->columns[i];

		appendStringInfoChar(out, i == 0 ? '{' : ',');
		appendBinaryStringInfo(out, column->begin, column->begin_bytes);
		if (row->tts_isnull[column->number - 1])
			appendStringInfoString(out, "null");
		else
			append_value(out, column, row->tts_values[column->number - 1]);
	}
	appendStringInfoString(out, json->count == 0 ? "{}" : "}");
}
