/*
 * sink.c
 *	  Memory for one HTTP response as libcurl delivers it.
 *
 * A callback that returns less than it was given makes libcurl end the transfer
 * with CURLE_WRITE_ERROR; the failure field then says why.
 */
#include "sink/sink.h"
#include "sink/blocks.h"
#include "sink/coded_body.h"
#include "guard/ascii.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * Of all header lines of a transfer.  libcurl keeps a copy of every one, some 100
 * bytes larger than the line, and old releases count neither lines nor trailers.
 */
#define MAX_LINE_BYTES ((int64_t) 1024 * 1024)
#define MAX_LINES 5000

/* Content-Length is the server's word: without a lease, believe no more than this in advance */
#define MAX_DECLARED_ALLOCATION ((int64_t) 1024 * 1024)

#define FIRST_HEADERS_CAPACITY 512

enum phase
{
	BEFORE_HEADERS,
	IN_HEADERS = PGNET_SINK_IN_HEADERS,
	AFTER_HEADERS,
	IN_BODY
};

_Static_assert(offsetof(pgnet_sink, body) == 0, "read by Java");
_Static_assert(offsetof(pgnet_sink, body_length) == 8, "read by Java");
_Static_assert(offsetof(pgnet_sink, body_capacity) == 16, "read by Java");
_Static_assert(offsetof(pgnet_sink, headers) == 24, "read by Java");
_Static_assert(offsetof(pgnet_sink, headers_length) == 32, "read by Java");
_Static_assert(offsetof(pgnet_sink, failure) == 64, "read by Java");
_Static_assert(offsetof(pgnet_sink, phase) == 68, "read by Java");
_Static_assert(offsetof(pgnet_sink, lease_wanted) == 72, "read by Java");
_Static_assert(offsetof(pgnet_sink, pause_number) == 80, "read by Java");
_Static_assert(offsetof(pgnet_sink, leased) == 96, "written by Java");
_Static_assert(offsetof(pgnet_sink, line_bytes) == 112, "read by Java");
_Static_assert(offsetof(pgnet_sink, counted) == 120, "taken by Java");
_Static_assert(offsetof(pgnet_sink, lease_total) == 144, "read by Java");
_Static_assert(sizeof(pgnet_sink) == 200, "read by Java");
_Static_assert(offsetof(pgnet_sinks, pauses) == 0, "read by Java");
_Static_assert(offsetof(pgnet_sinks, unleased) == 8, "written by Java");
_Static_assert(sizeof(pgnet_sinks) == 16, "allocated by Java");
_Static_assert(PGNET_SINK_ROOM == 16, "read by Java");

/* A new, empty sink, or NULL when there is no memory. */
pgnet_sink *
pgnet_sink_create(pgnet_sinks *shared, pgnet_guard *guard)
{
	pgnet_sink *sink = calloc(1, sizeof(pgnet_sink));

	if (sink != NULL)
	{
		sink->shared = shared;
		sink->guard = guard;
	}
	return sink;
}

/* Counts so many bytes as those of this body that have no lease. */
static void
count_unleased(pgnet_sink *sink, int64_t bytes)
{
	sink->shared->unleased += bytes - sink->counted;
	sink->counted = bytes;
}

/* Counts what the sink has without a lease. */
void
pgnet_sink_recount(pgnet_sink *sink)
{
	count_unleased(sink, (sink->leased ? 0 : sink->body_capacity) +
							 pgnet_coded_body_memory(sink->coded_body));
}

/* Makes the sink ready for a transfer, and frees what nobody took of the last one. */
void
pgnet_sink_reset(pgnet_sink *sink, int64_t max_body)
{
	pgnet_coded_body_destroy(sink->coded_body);
	free(sink->body);
	free(sink->headers);
	count_unleased(sink, 0);
	*sink = (pgnet_sink){.max_body = max_body,
						 .declared_length = -1,
						 .phase = BEFORE_HEADERS,
						 .shared = sink->shared,
						 .guard = sink->guard};
}

/* Gives back the memory that doubling left over; keeps the old block if realloc cannot. */
void
pgnet_sink_shrink_body(pgnet_sink *sink)
{
	char *shrunk;

	if (sink->body == NULL || sink->body_length == 0)
		return;
	shrunk = realloc(sink->body, (size_t) (PGNET_SINK_ROOM + sink->body_length));
	if (shrunk == NULL)
		return;
	sink->body = shrunk;
	sink->body_capacity = sink->body_length;
	pgnet_sink_recount(sink);
}

/* Frees the sink and what it holds. */
void
pgnet_sink_destroy(pgnet_sink *sink)
{
	pgnet_coded_body_destroy(sink->coded_body);
	free(sink->body);
	free(sink->headers);
	count_unleased(sink, 0);
	free(sink);
}

/* Grows *block to at least needed bytes behind the room; false when there is no memory. */
static bool
reserve(char **block, int64_t *capacity, size_t room, int64_t needed, int64_t wanted)
{
	char *grown;

	if (needed <= *capacity)
		return true;
	if (wanted < needed)
		wanted = needed;
	grown = *block == NULL ? pgnet_block_take(room + (size_t) wanted)
						   : realloc(*block, room + (size_t) wanted);
	if (grown == NULL)
		return false;
	*block = grown;
	*capacity = wanted;
	return true;
}

/* Whether the line is the header called name, which ends with its colon. */
static bool
is_header(const char *line, size_t length, const char *name)
{
	size_t name_length = strlen(name);

	return length >= name_length && pgnet_ascii_equal(line, name, name_length);
}

/* The value of a Content-Length line, or -1 when it is no plain number. */
static int64_t
parse_length(const char *line, size_t length)
{
	size_t i = strlen("Content-Length:");
	int64_t value = 0;
	bool digits = false;

	while (i < length && (line[i] == ' ' || line[i] == '\t'))
		i++;
	for (; i < length && line[i] >= '0' && line[i] <= '9'; i++)
	{
		if (value > (INT64_MAX - 9) / 10)
			return -1;
		value = value * 10 + (line[i] - '0');
		digits = true;
	}
	return digits ? value : -1;
}

/* Adds one line to the header block. */
static bool
append_header(pgnet_sink *sink, const char *line, size_t length)
{
	int64_t needed = sink->headers_length + (int64_t) length;

	if (!reserve(&sink->headers, &sink->headers_capacity, 0, needed,
				 sink->headers_capacity == 0 ? FIRST_HEADERS_CAPACITY : 2 * sink->headers_capacity))
	{
		sink->failure = PGNET_SINK_OUT_OF_MEMORY;
		return false;
	}
	memcpy(sink->headers + sink->headers_length, line, length);
	sink->headers_length = needed;
	return true;
}

/* Whether the lines of the transfer, this one included, are no more than are accepted. */
static bool
count_line(pgnet_sink *sink, size_t length)
{
	sink->lines++;
	sink->line_bytes += (int64_t) length;
	if (sink->lines <= MAX_LINES && sink->line_bytes <= MAX_LINE_BYTES)
		return true;
	sink->failure = PGNET_SINK_HEADERS_TOO_LARGE;
	return false;
}

/* The status code of a status line, 0 when there is none. */
static int64_t
parse_status(const char *line, size_t length)
{
	const char *space = memchr(line, ' ', length);
	int64_t status = 0;

	for (const char *c = space == NULL ? line + length : space + 1;
		 c < line + length && *c >= '0' && *c <= '9' && status < 1000; c++)
		status = status * 10 + (*c - '0');
	return status;
}

/* Begins a response with its status line. */
static void
begin_response(pgnet_sink *sink, const char *line, size_t length)
{
	sink->headers_length = 0;
	sink->declared_length = -1;
	sink->coded = 0;
	sink->codings = 0;
	sink->phase = IN_HEADERS;
	sink->status = parse_status(line, length);
	if (sink->status >= 200)
		pgnet_guard_answer_begins(sink->guard, length > 5 && line[5] != '1' && line[5] != '0');
}

/* The headers are complete.  Careless servers send a body that libcurl does not read, now or later. */
static void
end_headers(pgnet_sink *sink)
{
	sink->phase = AFTER_HEADERS;
	if ((sink->status == 204 || sink->status == 304) &&
		(sink->declared_length > 0 || sink->declared_length == -2))
		pgnet_guard_answer_misleads(sink->guard);
}

/* Notes the value of a Content-Encoding line, when it is the name of one coding. */
static void
note_coding(pgnet_sink *sink, const char *line, size_t length)
{
	size_t begin = strlen("Content-Encoding:");

	sink->coded = 1;
	sink->codings++;
	while (length > begin && strchr(" \t\r\n", line[length - 1]) != NULL)
		length--;
	while (begin < length && (line[begin] == ' ' || line[begin] == '\t'))
		begin++;
	sink->coding[0] = '\0';
	if (length - begin >= PGNET_SINK_CODING)
		return;
	memcpy(sink->coding, line + begin, length - begin);
	sink->coding[length - begin] = '\0';
}

/*
 * Takes one header line.  A status line after the blank line that ended a block
 * begins the next response (after 1xx, or after a proxy's answer) and replaces
 * what is there.  Every other line after that blank line is a trailer, dropped.
 */
size_t
pgnet_sink_header(char *line, size_t size, size_t count, void *userdata)
{
	pgnet_sink *sink = userdata;
	size_t length = size * count;

	if (!count_line(sink, length))
		return 0;
	if (sink->phase == IN_BODY)
		return length;
	if (sink->phase != IN_HEADERS)
	{
		if (length < 5 || memcmp(line, "HTTP/", 5) != 0)
			return length;
		begin_response(sink, line, length);
	}
	if (line[0] == '\r' || line[0] == '\n')
	{
		end_headers(sink);
		return length;
	}
	if (is_header(line, length, "Content-Length:") && sink->declared_length != -2)
		sink->declared_length = parse_length(line, length);
	else if (is_header(line, length, "Transfer-Encoding:"))
		sink->declared_length = -2; /* it overrides Content-Length, RFC 9112, 6.3 */
	else if (is_header(line, length, "Content-Encoding:"))
		note_coding(sink, line, length);
	return append_header(sink, line, length) ? length : 0;
}

/* Whether libcurl delivers declared_length bytes: of a coded body that is not what arrives here. */
static bool
is_length_known(const pgnet_sink *sink)
{
	return sink->declared_length >= 0 && !sink->coded;
}

/* How large the body may become without a lease, by what others have. */
int64_t
pgnet_sink_unleased_limit(const pgnet_sink *sink)
{
	int64_t others = sink->shared->unleased - sink->counted;
	int64_t part = (PGNET_SINK_UNLEASED_TOTAL - others) / PGNET_SINK_UNLEASED_PART;

	if (part < PGNET_SINK_SMALL_BODY)
		return PGNET_SINK_SMALL_BODY;
	return part < PGNET_SINK_UNLEASED_BODY ? part : PGNET_SINK_UNLEASED_BODY;
}

/* Whether a body of needed bytes, or of what it is to become, has to have a lease. */
static bool
needs_lease(const pgnet_sink *sink, int64_t needed)
{
	if (needed <= sink->body_capacity)
		return false;
	if (sink->leased > 0)
		return needed > sink->leased;
	/* who will need one waits with empty hands */
	if (is_length_known(sink) && sink->declared_length > needed)
		needed = sink->declared_length;
	return needed > pgnet_sink_unleased_limit(sink);
}

/* How much to allocate when needed bytes do not fit. */
static int64_t
wanted_capacity(const pgnet_sink *sink, int64_t needed)
{
	int64_t wanted = 2 * sink->body_capacity;

	if (sink->leased > 0)
		return sink->leased;
	if (sink->declared_length >= needed && wanted < MAX_DECLARED_ALLOCATION)
		wanted = MAX_DECLARED_ALLOCATION;
	if (sink->declared_length >= needed && wanted > sink->declared_length)
		wanted = sink->declared_length;
	if (wanted > pgnet_sink_unleased_limit(sink))
		wanted = pgnet_sink_unleased_limit(sink);
	return wanted < sink->max_body ? wanted : sink->max_body;
}

/*
 * Asks for a lease, or a larger one, with which the body may have needed bytes.  It
 * grows by steps, and says how far it may have to: whoever leases sees to it that
 * those who wait for their next step can have it in the end.
 */
static size_t
pause_for_lease(pgnet_sink *sink, int64_t needed)
{
	int64_t wanted = sink->leased > 0 ? 2 * sink->leased : PGNET_SINK_FIRST_LEASE;

	if (wanted < needed)
		wanted = needed;
	sink->lease_total = is_length_known(sink) && sink->declared_length >= needed
							? sink->declared_length
							: sink->max_body;
	sink->lease_wanted = wanted < sink->lease_total ? wanted : sink->lease_total;
	if (sink->pause_number == 0)
		sink->pause_number = ++sink->shared->pauses;
	return CURL_WRITEFUNC_PAUSE;
}

/*
 * Adds bytes to the body.  A response that declares more than is accepted fails at its
 * first byte, not at its header: the answer to HEAD declares a length too.
 */
size_t
pgnet_sink_append(pgnet_sink *sink, const char *data, size_t length)
{
	int64_t needed;

	if ((int64_t) length > sink->max_body - sink->body_length ||
		sink->declared_length > sink->max_body)
	{
		sink->failure = PGNET_SINK_BODY_TOO_LARGE;
		return 0;
	}
	needed = sink->body_length + (int64_t) length;
	if (needs_lease(sink, needed))
		return pause_for_lease(sink, needed);
	if (!reserve(&sink->body, &sink->body_capacity, PGNET_SINK_ROOM, needed,
				 wanted_capacity(sink, needed)))
	{
		sink->failure = PGNET_SINK_OUT_OF_MEMORY;
		return 0;
	}
	pgnet_sink_recount(sink);
	memcpy(sink->body + PGNET_SINK_ROOM + sink->body_length, data, length);
	sink->body_length = needed;
	return length;
}

/* Whether the body is to be decoded, which begins with its first bytes. */
static bool
begins_coded(pgnet_sink *sink)
{
	if (!sink->decodes || sink->codings != 1 || sink->phase == IN_BODY)
		return false;
	sink->coded_body = pgnet_coded_body_begin(sink->coding, strlen(sink->coding));
	return sink->coded_body != NULL;
}

/* Takes body bytes. */
size_t
pgnet_sink_body(char *data, size_t size, size_t count, void *userdata)
{
	pgnet_sink *sink = userdata;
	size_t length = size * count;

	if (length == 0)
		return 0;
	if (sink->coded_body == NULL && sink->coded && !begins_coded(sink))
		sink->coded = 0; /* it arrives as it was sent */
	sink->phase = IN_BODY;
	return sink->coded_body == NULL ? pgnet_sink_append(sink, data, length)
									: pgnet_coded_body_take(sink, data, length);
}

/* The body of the transfer that begins is to be decoded, if it can be. */
void
pgnet_sink_decode(pgnet_sink *sink)
{
	sink->decodes = 1;
}

/* The transfer has ended, with the whole of a body or not: what is here now is the body. */
void
pgnet_sink_end(pgnet_sink *sink, int32_t whole)
{
	pgnet_coded_body_end(sink, whole != 0);
}
