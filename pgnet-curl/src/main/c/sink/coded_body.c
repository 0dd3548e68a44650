/*
 * coded_body.c
 *	  A body in a coding that is undone while it arrives.  The bytes are also kept
 *	  as they came, as long as there is room: when they turn out not to be in the
 *	  coding that their server named, they are the body.
 */
#include "sink/coded_body.h"
#include "sink/decoder.h"

#include <stdlib.h>
#include <string.h>

/* what one step decodes; as much as libcurl hands over at a time */
#define STEP_BYTES (16 * 1024)

struct pgnet_coded_body
{
	pgnet_decoder *decoder; /* NULL when the bytes are taken as they come */
	char *raw; /* these as they came, behind room as before a body; NULL when they are not kept */
	int64_t raw_length;
	int64_t raw_capacity;
	size_t seen;       /* how many bytes were taken of those that libcurl will hand over again */
	size_t out_length; /* bytes that are decoded and not in the body yet */
	bool more;         /* the decoder may have more of what it was given */
	char out[STEP_BYTES];
};

/* A body in this coding; NULL when it is none that can be undone. */
pgnet_coded_body *
pgnet_coded_body_begin(const char *coding, size_t length)
{
	pgnet_decoder *decoder = pgnet_decoder_create(coding, length);
	pgnet_coded_body *coded = decoder == NULL ? NULL : malloc(sizeof(pgnet_coded_body));

	if (coded == NULL)
	{
		pgnet_decoder_destroy(decoder);
		return NULL;
	}
	coded->decoder = decoder;
	coded->raw_length = 0;
	coded->raw_capacity = STEP_BYTES;
	coded->raw = malloc(PGNET_SINK_ROOM + STEP_BYTES);
	coded->seen = 0;
	coded->out_length = 0;
	coded->more = false;
	return coded;
}

void
pgnet_coded_body_destroy(pgnet_coded_body *coded)
{
	if (coded == NULL)
		return;
	pgnet_decoder_destroy(coded->decoder);
	free(coded->raw);
	free(coded);
}

/* The memory of the bytes that are kept as they came. */
int64_t
pgnet_coded_body_memory(const pgnet_coded_body *coded)
{
	return coded == NULL || coded->raw == NULL ? 0 : coded->raw_capacity;
}

/* Keeps bytes as they came, unless that takes more memory than a body may have without a lease. */
static void
keep_raw(pgnet_sink *sink, const char *data, size_t length)
{
	pgnet_coded_body *coded = sink->coded_body;
	int64_t needed = coded->raw_length + (int64_t) length;
	char *grown = coded->raw;

	if (coded->raw == NULL)
		return;
	if (needed > coded->raw_capacity)
	{
		int64_t capacity = needed > 2 * coded->raw_capacity ? needed : 2 * coded->raw_capacity;

		grown = capacity > pgnet_sink_unleased_limit(sink)
					? NULL
					: realloc(coded->raw, (size_t) (PGNET_SINK_ROOM + capacity));
		if (grown == NULL)
			free(coded->raw);
		else
			coded->raw_capacity = capacity;
		coded->raw = grown;
		pgnet_sink_recount(sink);
	}
	if (grown == NULL)
		return;
	memcpy(grown + PGNET_SINK_ROOM + coded->raw_length, data, length);
	coded->raw_length = needed;
}

/* What came so far becomes the body, and what comes is taken as it is.  False when it was not kept. */
static bool
give_up(pgnet_sink *sink)
{
	pgnet_coded_body *coded = sink->coded_body;

	pgnet_decoder_destroy(coded->decoder);
	coded->decoder = NULL;
	coded->out_length = 0;
	coded->more = false;
	if (coded->raw == NULL)
	{
		sink->failure = PGNET_SINK_NOT_IN_ITS_CODING;
		return false;
	}
	free(sink->body);
	sink->body = coded->raw;
	sink->body_length = coded->raw_length;
	sink->body_capacity = coded->raw_capacity;
	sink->coded = 0;
	coded->raw = NULL;
	pgnet_sink_recount(sink);
	if (sink->body_length <= sink->max_body)
		return true;
	sink->failure = PGNET_SINK_BODY_TOO_LARGE;
	return false;
}

/* Decodes some of the bytes; false when they are not in the coding, and none are taken then. */
static bool
decode(pgnet_sink *sink, const char *data, size_t *length)
{
	pgnet_coded_body *coded = sink->coded_body;
	pgnet_decoder_step step = {data, *length, coded->out, STEP_BYTES};

	if (!pgnet_decoder_take(coded->decoder, &step) ||
		(step.in_left == *length && step.out_left == STEP_BYTES && *length > 0))
		return false;
	*length -= step.in_left;
	coded->out_length = STEP_BYTES - step.out_left;
	coded->more = step.out_left == 0;
	keep_raw(sink, data, *length);
	return true;
}

/* Puts what is decoded into the body; else what the callback is to return. */
static bool
append_decoded(pgnet_sink *sink, size_t *result)
{
	pgnet_coded_body *coded = sink->coded_body;

	if (coded->out_length > 0)
		*result = pgnet_sink_append(sink, coded->out, coded->out_length);
	if (coded->out_length > 0 && *result != coded->out_length)
		return false;
	coded->out_length = 0;
	return true;
}

/*
 * Takes bytes as they come from libcurl.  When the body has to wait for a lease,
 * libcurl hands the same bytes over again: those that were taken are passed over.
 */
size_t
pgnet_coded_body_take(pgnet_sink *sink, const char *data, size_t length)
{
	pgnet_coded_body *coded = sink->coded_body;
	size_t taken = coded->seen < length ? coded->seen : length;
	size_t result = 0;

	coded->seen -= taken;
	while (coded->decoder != NULL && (taken < length || coded->more || coded->out_length > 0))
	{
		size_t step = length - taken;

		if (!append_decoded(sink, &result))
		{
			if (result == CURL_WRITEFUNC_PAUSE)
				coded->seen = taken;
			return result;
		}
		if (taken == length && !coded->more)
			break;
		if (decode(sink, data + taken, &step))
			taken += step;
		else if (!give_up(sink))
			return 0;
	}
	if (taken == length)
		return length;
	result = pgnet_sink_append(sink, data + taken, length - taken);
	if (result == length - taken)
		return length;
	if (result == CURL_WRITEFUNC_PAUSE)
		coded->seen = taken;
	return result;
}

/* The transfer has ended.  A whole body that ends within its coding is not in it. */
void
pgnet_coded_body_end(pgnet_sink *sink, bool whole)
{
	pgnet_coded_body *coded = sink->coded_body;

	if (coded == NULL)
		return;
	if (whole && coded->decoder != NULL && !pgnet_decoder_is_complete(coded->decoder))
		give_up(sink);
	pgnet_coded_body_destroy(coded);
	sink->coded_body = NULL;
	pgnet_sink_recount(sink);
}
