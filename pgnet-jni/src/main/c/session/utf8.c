/*
 * utf8.c
 *		Text of the database's encoding in UTF-8, in which requests are sent.
 */
#include "session/utf8.h"

#include "catalog/namespace.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"

/* An error that names what is refused, and does not quote the text: it may hold a token. */
static void
refuse(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
			 errmsg("%s cannot be converted to UTF-8", what),
			 errdetail("The encoding of the database is %s.", GetDatabaseEncodingName()),
			 errhint(GetDatabaseEncoding() == PG_SQL_ASCII
						 ? "In a database with encoding SQL_ASCII, the text must already be UTF-8."
						 : "Remove the characters that Unicode does not have.")));
}

/*
 * The text in UTF-8, which is the text itself if that is UTF-8 already, or an error that says what cannot be converted: the
 * worker could not read such a row. The result need not end with a zero.
 */
const char *
pgnet_utf8(const char *text, int length, int *utf8_length, const char *what)
{
	int encoding = GetDatabaseEncoding();
	Size room = (Size) length * MAX_CONVERSION_GROWTH + 1;
	char *utf8;
	Oid conversion;

	*utf8_length = length;
	if (encoding == PG_UTF8)
		return text;
	if (encoding == PG_SQL_ASCII)
	{
		if (!pg_verify_mbstr(PG_UTF8, text, length, true))
			refuse(what);
		return text;
	}
	conversion = FindDefaultConversionProc(encoding, PG_UTF8);
	utf8 = MemoryContextAllocHuge(CurrentMemoryContext, room);
	if (!OidIsValid(conversion) ||
		pg_do_encoding_conversion_buf(
			conversion, encoding, PG_UTF8, (unsigned char *) unconstify(char *, text), length,
			(unsigned char *) utf8, (int) Min(room, PG_INT32_MAX), true) != length)
		refuse(what);
	*utf8_length = strlen(utf8);
	return utf8;
}
