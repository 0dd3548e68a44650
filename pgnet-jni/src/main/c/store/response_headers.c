/*
 * response_headers.c
 *		A response's headers as jsonb. Those that equal the ones before them are not parsed again.
 */
#include "store/response_headers.h"
#include "store/store.h"

#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

/*
 * The headers of the last response of this batch. Those of one server are mostly the same for a second, that of the header
 * Date, and to parse them takes as long as to insert the row.
 */
static struct
{
	const char *json; /* NULL for none */
	int64 length;
	Datum value;
} last_headers;

/* Headers that are longer are not kept. */
#define MAX_KEPT_HEADERS (4 * 1024)

/* where the last headers are kept */
static MemoryContext batch_context;

/* Begins a batch, whose memory is the current context. */
void
pgnet_response_headers_begin(void)
{
	batch_context = CurrentMemoryContext;
	last_headers.json = NULL;
}

/* Keeps headers that were read for the next response, unless they are long. */
static void
keep(const char *json, int64 length, Datum value)
{
	MemoryContext caller;

	if (last_headers.json != NULL)
		pfree(DatumGetPointer(last_headers.value));
	last_headers.json = NULL;
	if (length > MAX_KEPT_HEADERS)
		return;
	caller = MemoryContextSwitchTo(batch_context);
	last_headers.value = datumCopy(value, false, -1);
	MemoryContextSwitchTo(caller);
	last_headers.json = json;
	last_headers.length = length;
}

/* The headers of a JSON object in UTF-8, which stays where it is until the batch ends. */
Datum
pgnet_response_headers(const char *json, int64 length)
{
	Datum value;

	if (last_headers.json != NULL && length == last_headers.length &&
		(json == last_headers.json || memcmp(json, last_headers.json, length) == 0))
		return last_headers.value;
	value = DirectFunctionCall1(jsonb_in, CStringGetDatum(pgnet_server_text(json, length)));
	keep(json, length, value);
	return value;
}
