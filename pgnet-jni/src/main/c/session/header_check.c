/*
 * header_check.c
 *		Refuses at call time headers that could not be sent, or that servers would read in different ways.
 */
#include "session/header_check.h"

#include "session/headers.h"
#include "session/utf8.h"

#include "mb/pg_wchar.h"

/* what a line has beside name and value: ": " and the line's end */
#define BYTES_AROUND 4

/* so much of a name is in an error */
#define MAX_QUOTED_BYTES 64

/* Whether a name is a token (RFC 9110, section 5.6.2). */
static bool
is_token(const char *name, int length)
{
	for (int i = 0; i < length; i++)
	{
		unsigned char c = name[i];

		if (c <= ' ' || c >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", c) != NULL)
			return false;
	}
	return length > 0;
}

/* The name as an error may quote it. */
static const char *
quotable(const JsonbValue *name)
{
	int length = pg_mbcliplen(name->val.string.val, name->val.string.len, MAX_QUOTED_BYTES);

	return psprintf("%.*s%s", length, name->val.string.val,
					length < name->val.string.len ? "..." : "");
}

/* A name that is no token is read in different ways: some servers take "Content-Length " for Content-Length. */
static void
check_name(const JsonbValue *name)
{
	if (name->val.string.len == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a header must have a name")));
	if (!is_token(name->val.string.val, name->val.string.len))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("\"%s\" is not a header name", quotable(name)),
						errhint("A name consists of ASCII letters, digits and !#$%%&'*+-.^_`|~, "
								"without blanks or colons.")));
}

/* Whether a string holds a CR or an LF. */
static bool
has_line_end(const JsonbValue *value)
{
	return value->type == jbvString &&
		   (memchr(value->val.string.val, '\r', value->val.string.len) != NULL ||
			memchr(value->val.string.val, '\n', value->val.string.len) != NULL);
}

/* A line end in a value would start a header of its own (RFC 9110, 5.5). In an array that is a value it is refused too. */
static void
check_line_end(const JsonbValue *name, const JsonbValue *value)
{
	bool found = has_line_end(value);

	if (value->type == jbvBinary)
	{
		JsonbIterator *iterator = JsonbIteratorInit(value->val.binary.data);
		JsonbIteratorToken token;
		JsonbValue element;

		while ((token = JsonbIteratorNext(&iterator, &element, false)) != WJB_DONE)
			found = found || (token == WJB_ELEM && has_line_end(&element));
	}
	if (found)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("header \"%s\" must not contain a line break", quotable(name))));
}

/* The bytes of one header line, nothing for a null. */
static int64
check_line(const JsonbValue *name, const JsonbValue *value)
{
	StringInfoData text;
	int utf8_length;

	check_line_end(name, value);
	if (value->type == jbvNull)
		return 0;
	initStringInfo(&text);
	pgnet_append_json_value(&text, value);
	(void) pgnet_utf8(text.data, text.len, &utf8_length, psprintf("header \"%s\"", quotable(name)));
	pfree(text.data);
	return (int64) name->val.string.len + utf8_length + BYTES_AROUND;
}

/* An error when there are more bytes than allowed. */
static void
check_bytes(int64 bytes, int64 most)
{
	if (bytes > most)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the headers of a request are too long"),
						errdetail("With this URL, the headers may take up to %lld bytes.",
								  (long long) most),
						errhint("Send large values in the body.")));
}

/* The lines of a member: one, or one for each element of an array. */
static int64
check_member(const JsonbValue *name, const JsonbValue *value, int64 most_bytes)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue element;
	int64 bytes = 0;

	if (value->type != jbvBinary)
		return check_line(name, value);
	iterator = JsonbIteratorInit(value->val.binary.data);
	if (JsonbIteratorNext(&iterator, &element, true) != WJB_BEGIN_ARRAY)
		return check_line(name, value);
	while ((token = JsonbIteratorNext(&iterator, &element, true)) == WJB_ELEM)
	{
		bytes += check_line(name, &element);
		check_bytes(bytes, most_bytes);
	}
	return bytes;
}

/*
 * Names that are tokens, values without line ends that can be converted to UTF-8, and no more bytes than allowed, as they
 * are sent. Returns how many.
 */
int64
pgnet_check_headers(Jsonb *headers, int64 most_bytes)
{
	JsonbMembers members;
	int64 bytes = 0;

	pgnet_members_begin(&members, headers, "headers");
	while (pgnet_members_next(&members))
	{
		check_name(&members.key);
		/* a null or an empty array is not sent, but read by the worker */
		bytes +=
			Max(members.key.val.string.len, check_member(&members.key, &members.value, most_bytes));
		check_bytes(bytes, most_bytes);
	}
	return bytes;
}
