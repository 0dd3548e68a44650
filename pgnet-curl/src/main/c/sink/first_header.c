/*
 * first_header.c
 *	  Refuses a response whose first header line begins with a blank.
 */
#include "sink/first_header.h"

#include <stdbool.h>

/* Where libcurl is in a response, by its own rules: what the sink makes of the lines may differ */
enum place
{
	AT_STATUS_LINE,
	AT_HEADER_LINE,
	AT_BODY
};

/* Each time that the request is sent the response begins anew. */
static void
follow_sending(pgnet_sink *sink)
{
	if (sink->sending == sink->guard->sent)
		return;
	sink->sending = sink->guard->sent;
	sink->place = AT_STATUS_LINE;
	sink->in_line = 0;
}

/* Whether the header that just ended was that of an interim response, so that another one follows. */
static bool
is_interim(const pgnet_guard *guard)
{
	long status = 0;

	guard->libcurl->easy_getinfo(guard->easy, CURLINFO_RESPONSE_CODE, &status);
	return status >= 100 && status < 200 && status != 101;
}

/* Takes a line that libcurl has stored, if it is a header, and has seen the whole of. */
size_t
pgnet_first_header_line(char *line, size_t size, size_t count, void *userdata)
{
	pgnet_sink *sink = userdata;
	bool ends = line[0] == '\r' || line[0] == '\n';

	follow_sending(sink);
	sink->in_line = 0;
	if (sink->place == AT_STATUS_LINE)
		sink->place = AT_HEADER_LINE;
	else if (sink->place == AT_HEADER_LINE && ends)
		sink->place = is_interim(sink->guard) ? AT_STATUS_LINE : AT_BODY;
	else if (sink->place == AT_HEADER_LINE)
		sink->has_header = 1;
	return pgnet_sink_header(line, size, count, userdata);
}

/* Takes body bytes, and looks at a line, or a part of a long one, before libcurl does. */
size_t
pgnet_first_header_write(char *data, size_t size, size_t count, void *userdata)
{
	pgnet_sink *sink = userdata;
	size_t length = size * count;

	follow_sending(sink);
	if (sink->place == AT_BODY)
		return pgnet_sink_body(data, size, count, userdata);
	if (sink->place == AT_HEADER_LINE && !sink->has_header && !sink->in_line && length > 0 &&
		(data[0] == ' ' || data[0] == '\t'))
	{
		sink->failure = PGNET_SINK_FIRST_HEADER_FOLDED;
		return 0;
	}
	sink->in_line = 1;
	return length;
}
