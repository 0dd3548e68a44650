/*
 * large_body.c
 *		A large body as a row can hold it: compressed, and by a pointer.
 */
#include "store/large_body.h"
#include "shared/compat.h"
#include "store/compress.h"
#include "store/detail_rows.h"
#include "store/response_rows.h"
#include "store/transaction.h"
#include "store/user_code.h"

#include "access/htup_details.h"
#include "access/toast_compression.h"
#include "access/toast_internals.h"
#include "catalog/pg_attribute.h"
#include "utils/syscache.h"

#define INDIRECT_POINTER_SIZE (VARHDRSZ_EXTERNAL + sizeof(varatt_indirect))

/* where the bodies of this batch are */
static MemoryContext batch_context;

/* whether a row may hold a pointer to a large value; see may_hold_pointer() */
typedef enum PointerUse
{
	UNKNOWN,
	ALLOWED,
	NOT_ALLOWED
} PointerUse;

static PointerUse pointers[BODY_PLACE_COUNT];

/* Begins a batch, whose memory is the current context. */
void
pgnet_large_bodies_begin(void)
{
	batch_context = CurrentMemoryContext;
	memset(pointers, UNKNOWN, sizeof(pointers));
}

/* The table of a place. */
static Oid
table_of(BodyPlace place)
{
	return place == BODY_IN_CONTENT ? pgnet_responses_oid : pgnet_details_oid;
}

/* The name of its column. */
static const char *
column_of(BodyPlace place)
{
	return place == BODY_IN_CONTENT ? pgnet_response_columns[RESPONSE_CONTENT].name
									: pgnet_detail_columns[DETAIL_BODY].name;
}

/*
 * A large body as the table would compress it, where the table's owner has not said otherwise; else the body. What was
 * compressed already is used if the table wants it so.
 */
static Datum
compressed(text *body, BodyPlace place, const Outcome *outcome)
{
	HeapTuple tuple = SearchSysCacheAttName(table_of(place), column_of(place));
	Datum result = PointerGetDatum(NULL);
	char method;
	bool extended;

	if (!HeapTupleIsValid(tuple))
		return PointerGetDatum(body); /* the statement will say so */
	extended = ((Form_pg_attribute) GETSTRUCT(tuple))->attstorage == TYPSTORAGE_EXTENDED;
	method = ((Form_pg_attribute) GETSTRUCT(tuple))->attcompression;
	ReleaseSysCache(tuple);
	if (!CompressionMethodIsValid(method))
		method = default_toast_compression;

	if (extended && method == TOAST_LZ4_COMPRESSION && outcome->compressed != NULL &&
		VARDATA(body) == outcome->body)
		return PointerGetDatum(pgnet_compressed_varlena(
			outcome->compressed, outcome->compressed_length, outcome->body_length));
	if (extended)
		result = toast_compress_datum(PointerGetDatum(body), method);
	if (DatumGetPointer(result) == NULL)
		return PointerGetDatum(body);
	return PointerGetDatum(repalloc(DatumGetPointer(result), VARSIZE(DatumGetPointer(result))));
}

/*
 * Whether nothing but the statement itself looks at the rows that are inserted. What a user has put on the table could hand
 * a pointer to another process, by a parallel query, which would follow it there.
 */
static bool
may_hold_pointer(BodyPlace place)
{
	if (pointers[place] == UNKNOWN)
		pointers[place] = pgnet_user_code_sees_rows_of(table_of(place)) ? NOT_ALLOWED : ALLOWED;
	return pointers[place] == ALLOWED;
}

/* A value that stays where it is, as a pointer that a row can hold. */
static Datum
pointer_to(Datum value)
{
	struct varlena *pointer = palloc(INDIRECT_POINTER_SIZE);
	varatt_indirect indirect = {.pointer = (struct varlena *) DatumGetPointer(value)};

	SET_VARTAG_EXTERNAL(pointer, VARTAG_INDIRECT);
	memcpy(VARDATA_EXTERNAL(pointer), &indirect, sizeof(indirect));
	return PointerGetDatum(pointer);
}

/* The value of a large body in one of the two columns for it. */
Datum
pgnet_large_body(text *body, BodyPlace place, const Outcome *outcome)
{
	MemoryContext caller = MemoryContextSwitchTo(batch_context);
	Datum value = compressed(body, place, outcome);

	MemoryContextSwitchTo(caller);
	/* of a text that was converted, the memory does not last as long as the statement */
	if (may_hold_pointer(place) &&
		(DatumGetPointer(value) != (Pointer) body || VARDATA(body) == outcome->body))
		value = pointer_to(value);
	return value;
}
