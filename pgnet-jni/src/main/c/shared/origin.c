/*
 * origin.c
 *		The number of the origin that a URL leads to, as the class OriginNumber has it: by it requests are told apart without
 *		being read. It is remembered for each beginning of a URL, so few are parsed.
 */
#include "shared/origin.h"
#include "shared/compat.h"
#include "shared/hash64.h"
#include "shared/libcurl.h"

#include "utils/builtins.h"

/* A longer beginning is left to the Java side, and so is what is not plain. */
#define LONGEST_PREFIX 300

/* So many characters of a URL tell its endpoint, as in the class Origins. */
#define LONGEST_READ 2048

/* One of two beginnings that meet in a place is parsed again. */
#define PLACES 512

static struct
{
	int length;
	char prefix[LONGEST_PREFIX];
	int64 number;
} places[PLACES];

/* Whether a character is behind the authority of a URL. Asked for each character of each request. */
static inline bool
ends_authority(char c)
{
	return c == '/' || c == '?' || c == '#' || c == '\0';
}

/* The length of scheme://authority; 0 for a URL that does not plainly begin so. */
static int
prefix_length(const char *url, int length)
{
	const char *colon = memchr(url, ':', length);
	int begin = colon == NULL ? length : colon - url + 3;
	int end = begin;

	if (colon == NULL || colon == url || begin >= length || colon[1] != '/' || colon[2] != '/' ||
		url[begin] == '/')
		return 0;
	while (end < length && !ends_authority(url[end]))
		end++;
	if (end > LONGEST_PREFIX)
		return 0;
	for (int i = 0; i < end; i++)
		if (IS_HIGHBIT_SET(url[i]) || url[i] == '\0')
			return 0;
	return end;
}

/* Parses the beginning of a URL, as CurlUrl.origin() does. */
static int64
parse(const char *prefix)
{
	const LibCurl *curl = pgnet_libcurl();
	void *handle = curl->url();
	char *scheme = NULL;
	char *host = NULL;
	char *port = NULL;
	char *origin;

	if (handle == NULL)
		return PGNET_UNKNOWN_ORIGIN;
	if (curl->url_set(handle, PGNET_CURLUPART_URL, prefix, 0) == 0)
	{
		scheme = pgnet_url_part(handle, PGNET_CURLUPART_SCHEME, 0);
		host = pgnet_url_part(handle, PGNET_CURLUPART_HOST, PGNET_CURLU_PUNYCODE);
		port = pgnet_url_part(handle, PGNET_CURLUPART_PORT, PGNET_CURLU_DEFAULT_PORT);
	}
	curl->url_cleanup(handle);
	if (scheme == NULL || host == NULL || port == NULL)
		return PGNET_UNKNOWN_ORIGIN;
	origin = psprintf("%s://%s:%s", scheme, host, port);
	for (char *each = origin; *each != '\0'; each++)
		*each = pg_ascii_tolower(*each);
	return strlen(origin) > LONGEST_PREFIX ? PGNET_UNKNOWN_ORIGIN
										   : pgnet_hash64(origin, strlen(origin));
}

/*
 * The number of a URL's origin; PGNET_UNKNOWN_ORIGIN when only reading it tells. One that is stored apart or compressed is not
 * read: it may be damaged, and that is one request's error then.
 */
int64
pgnet_origin_number(Datum url)
{
	struct varlena *value = (struct varlena *) DatumGetPointer(url);
	int length;
	int place;

	if (VARATT_IS_EXTERNAL(value) || VARATT_IS_COMPRESSED(value))
		return PGNET_UNKNOWN_ORIGIN;
	length = prefix_length(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	if (length == 0)
		return PGNET_UNKNOWN_ORIGIN;
	place = (uint64) pgnet_hash64(VARDATA_ANY(value), length) % PLACES;
	if (places[place].length != length ||
		memcmp(places[place].prefix, VARDATA_ANY(value), length) != 0)
	{
		places[place].number = parse(pnstrdup(VARDATA_ANY(value), length));
		memcpy(places[place].prefix, VARDATA_ANY(value), length);
		places[place].length = length;
	}
	return places[place].number;
}

/*
 * The number of the endpoint that messages to a URL have for themselves: of its origin and of what Origins.path gives;
 * PGNET_UNKNOWN_ORIGIN when only reading it tells.
 */
int64
pgnet_endpoint_number(Datum url)
{
	struct varlena *value = (struct varlena *) DatumGetPointer(url);
	int64 origin = pgnet_origin_number(url);
	const char *text;
	int length;
	int begin;
	int end;

	if (origin == PGNET_UNKNOWN_ORIGIN)
		return PGNET_UNKNOWN_ORIGIN;
	text = VARDATA_ANY(value);
	length = VARSIZE_ANY_EXHDR(value);
	begin = prefix_length(text, length);
	for (end = begin; end < Min(length, LONGEST_READ) && text[end] != '?' && text[end] != '#';
		 end++)
		if (IS_HIGHBIT_SET(text[end]))
			return PGNET_UNKNOWN_ORIGIN;
	return end > begin ? pgnet_hash64_further(origin, text + begin, end - begin)
					   : pgnet_hash64_further(origin, "/", 1);
}
