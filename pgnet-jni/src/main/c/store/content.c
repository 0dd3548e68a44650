/*
 * content.c
 *		A response's body as text of the database's encoding, if it is text.
 */
#include "store/store.h"
#include "shared/compat.h"
#include "sink/sink.h"

#include <iconv.h>

#include "catalog/namespace.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/*
 * The text with question marks for whatever is not ASCII, so that it is valid in every encoding of a database. Changes the
 * text itself.
 */
char *
pgnet_to_ascii(char *text)
{
	for (char *c = text; *c != '\0'; c++)
		if (IS_HIGHBIT_SET(*c))
			*c = '?';
	return text;
}

/*
 * UTF-8 in the database's encoding, NUL-terminated, in palloc'd memory; NULL when it is not valid, holds a NUL or has
 * characters that the encoding lacks. A SQL_ASCII database takes the bytes as they are.
 */
char *
pgnet_utf8_to_server(const char *utf8, size_t length)
{
	int encoding = GetDatabaseEncoding();
	Oid conversion;
	char *converted;
	int done;

	if (length > MaxAllocSize / MAX_CONVERSION_GROWTH ||
		!pg_verify_mbstr(PG_UTF8, utf8, length, true))
		return NULL; /* pg_verify_mbstr refuses NUL too */
	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII)
		return pnstrdup(utf8, length);

	conversion = FindDefaultConversionProc(PG_UTF8, encoding);
	if (!OidIsValid(conversion))
		return NULL;
	converted = palloc(length * MAX_CONVERSION_GROWTH + 1);
	done = pg_do_encoding_conversion_buf(
		conversion, PG_UTF8, encoding, (unsigned char *) unconstify(char *, utf8), length,
		(unsigned char *) converted, length * MAX_CONVERSION_GROWTH + 1, true);
	if (done == length)
		return converted;
	pfree(converted);
	return NULL;
}

/* Text that came from the network, as the database can hold it; characters that it lacks become question marks. */
char *
pgnet_server_text(const char *utf8, int64 length)
{
	char *text = pgnet_utf8_to_server(utf8, length);

	return text == NULL ? pgnet_to_ascii(pnstrdup(utf8, length)) : text;
}

/*
 * A converter of the charset to UTF-8, (iconv_t) -1 when it is not known. Of iconv's own language, where "//" stands for the
 * locale's charset and "//IGNORE" for losses, a label of the network says nothing.
 */
static iconv_t
converter_of(const char *charset)
{
	if (strchr(charset, '/') != NULL)
		return (iconv_t) -1;
	return iconv_open("UTF-8", charset);
}

/*
 * Bytes of another charset as UTF-8 in palloc'd memory behind room for a length word, NULL when they are not valid in it.
 * Closes the converter.
 */
static char *
decode(iconv_t converter, const char *bytes, size_t length, size_t *utf8_length)
{
	size_t room = length * 4 + 16;
	char *utf8;
	char *in = unconstify(char *, bytes);
	char *out;
	bool whole;

	if (!AllocSizeIsValid(VARHDRSZ + room))
	{
		iconv_close(converter);
		return NULL;
	}
	out = utf8 = (char *) palloc(VARHDRSZ + room) + VARHDRSZ;
	whole = iconv(converter, &in, &length, &out, &room) != (size_t) -1 && length == 0;
	/* Writes what waits for a character to combine with, as the last letter of windows-1258 does. */
	whole = whole && iconv(converter, NULL, NULL, &out, &room) != (size_t) -1;
	iconv_close(converter);
	*utf8_length = out - utf8;
	return whole ? utf8 : NULL;
}

/* Bytes that have room for a length word before them, as a text or bytea, which they become where they are. */
text *
pgnet_varlena_of(char *bytes, size_t length)
{
	text *varlena = (text *) (bytes - VARHDRSZ);

	StaticAssertStmt(PGNET_SINK_ROOM >= VARHDRSZ, "the sink leaves room for a length word");
	Assert(AllocSizeIsValid(length + VARHDRSZ)); /* pg_net.max_response_size is at most 256 MB */
	SET_VARSIZE(varlena, length + VARHDRSZ);
	return varlena;
}

/* UTF-8, with that room before it, as text in the database's encoding; NULL when it cannot be. */
static text *
text_of_utf8(char *utf8, size_t length)
{
	char *converted;

	if (GetDatabaseEncoding() == PG_UTF8)
		return pg_verify_mbstr(PG_UTF8, utf8, length, true) ? pgnet_varlena_of(utf8, length) : NULL;
	converted = pgnet_utf8_to_server(utf8, length);
	return converted == NULL ? NULL : cstring_to_text(converted);
}

/* Whether a Content-Type is one of JSON: application/json, text/json, application/problem+json. */
static bool
is_json(const char *content_type)
{
	size_t length = strcspn(content_type, "; \t");

	return length >= 4 && pg_strncasecmp(content_type + length - 4, "json", 4) == 0;
}

/*
 * Whether the bytes of a JSON text are UTF-8, as they have to be between systems (RFC 8259, section 8.1). It holds no ESC,
 * with which other charsets begin their letters.
 */
static bool
is_utf8_json(const char *body, size_t length)
{
	return memchr(body, '\033', length) == NULL && pg_verify_mbstr(PG_UTF8, body, length, true);
}

/*
 * The body as text, NULL when it is not text in its charset; an empty charset means UTF-8, and so does one that is not known.
 * JSON in UTF-8 is that, whatever charset it is said to have. The text may be the body itself, which has room for a length
 * word before it.
 */
text *
pgnet_content(char *body, size_t length, const char *charset, const char *content_type)
{
	iconv_t converter;
	size_t utf8_length;
	char *utf8;

	if (charset[0] == '\0' || pg_strcasecmp(charset, "utf-8") == 0 ||
		pg_strcasecmp(charset, "us-ascii") == 0)
		return text_of_utf8(body, length);
	converter = converter_of(charset);
	if (converter == (iconv_t) -1)
		return text_of_utf8(body, length);
	if (is_json(content_type) && is_utf8_json(body, length))
	{
		iconv_close(converter);
		return text_of_utf8(body, length);
	}
	utf8 = decode(converter, body, length, &utf8_length);
	return utf8 == NULL ? NULL : text_of_utf8(utf8, utf8_length);
}
