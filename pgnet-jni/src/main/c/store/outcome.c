/*
 * outcome.c
 *		Unpacks what OutcomeWriter packs.
 */
#include "store/outcome.h"

static void
take(const char **in, void *value, int size)
{
	memcpy(value, *in, size);
	*in += size;
}

/* An int32 length, -1 for none, the bytes and a NUL. */
static const char *
take_text(const char **in)
{
	int32 length;
	const char *string;

	take(in, &length, sizeof(length));
	if (length < 0)
		return NULL;
	string = *in;
	*in += length + 1;
	return string;
}

/* The outcomes in palloc'd memory; their texts and bodies stay where the Java side has them. */
Outcome *
pgnet_unpack_outcomes(const char *in, int count)
{
	Outcome *outcomes = palloc(sizeof(Outcome) * count);

	for (int i = 0; i < count; i++)
	{
		Outcome *outcome = &outcomes[i];
		int64 long_headers_address;
		const char *headers;
		int64 body_address;
		int64 compressed_address;
		int32 timed_out;

		take(&in, &outcome->id, sizeof(int64));
		take(&in, &outcome->table_oid, sizeof(int32));
		take(&in, &outcome->xmin, sizeof(int32));
		take(&in, &outcome->completed_micros, sizeof(int64));
		take(&in, &outcome->duration_micros, sizeof(int64));
		take(&in, &outcome->status, sizeof(int32));
		take(&in, &timed_out, sizeof(int32));
		take(&in, &body_address, sizeof(int64));
		take(&in, &outcome->body_length, sizeof(int64));
		take(&in, &compressed_address, sizeof(int64));
		take(&in, &outcome->compressed_length, sizeof(int64));
		take(&in, &long_headers_address, sizeof(int64));
		take(&in, &outcome->headers_length, sizeof(int64));
		headers = take_text(&in);
		outcome->timed_out = timed_out != 0;
		outcome->headers = (const char *) (intptr_t) long_headers_address;
		if (headers != NULL)
		{
			outcome->headers = headers;
			outcome->headers_length = strlen(headers);
		}
		outcome->body = (char *) (intptr_t) body_address;
		outcome->compressed = (char *) (intptr_t) compressed_address;
		outcome->content_type = take_text(&in);
		outcome->charset = take_text(&in);
		outcome->error = take_text(&in);
	}
	return outcomes;
}
