/*
 * host_pattern.c
 *	  One pattern of host names, with or without a port: whether it means a host, and how
 *	  specific it is.
 *
 * A pattern is "*" for every host, "*.example.com" for every name below example.com (not
 * example.com itself), a name, or an IPv4 or IPv6 address.  An address is compared by its
 * bits, and is never below a name.  The host comes from libcurl's URL parser, which has
 * already turned decimal, octal and hexadecimal forms of IPv4 addresses into the usual
 * one; what it left as it is counts as a name.
 */
#include "guard/host_pattern.h"
#include "guard/ascii.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define LONGEST_NAME 253

/* How specific what is no wildcard is: more than the longest wildcard. */
#define RANK_OF_NAME (LONGEST_NAME + 1)

/* The address family of an address, whose bits are written; 0 for a name. */
static int
parse_address(const char *host, size_t length, unsigned char bits[16])
{
	char text[INET6_ADDRSTRLEN];

	if (length >= sizeof(text))
		return 0;
	memcpy(text, host, length);
	text[length] = '\0';
	if (inet_pton(AF_INET, text, bits) == 1)
		return AF_INET;
	return inet_pton(AF_INET6, text, bits) == 1 ? AF_INET6 : 0;
}

static bool
is_every_host(const pgnet_host_pattern *pattern)
{
	return pattern->length == 1 && pattern->host[0] == '*';
}

/* A host, or a pattern without a port. Takes off brackets, zone and the dot of an absolute name. */
pgnet_host_pattern
pgnet_host_pattern_of(const char *text, size_t length)
{
	pgnet_host_pattern pattern = {text, length, 0};
	const char *zone;

	if (length >= 2 && text[0] == '[' && text[length - 1] == ']')
	{
		pattern.host++;
		pattern.length -= 2;
	}
	zone = memchr(pattern.host, ':', pattern.length) == NULL
			   ? NULL
			   : memchr(pattern.host, '%', pattern.length);
	if (zone != NULL)
		pattern.length = (size_t) (zone - pattern.host);
	if (pattern.length > 1 && pattern.host[pattern.length - 1] == '.')
		pattern.length--;
	/* with something around it, it means nothing */
	return is_every_host(&pattern) ? (pgnet_host_pattern){text, length, 0} : pattern;
}

/* Whether the last label is a number, decimal or hexadecimal: libcurl would take the name for an IPv4 address. */
static bool
ends_in_number(const char *name, size_t length)
{
	size_t label = length;
	size_t digits = 0;

	while (label > 0 && name[label - 1] != '.')
		label--;
	if (length - label > 2 && pgnet_ascii_equal(name + label, "0x", 2))
		return true;
	while (label + digits < length && name[label + digits] >= '0' && name[label + digits] <= '9')
		digits++;
	return label + digits == length;
}

static bool
is_letter_or_digit(char c)
{
	c = pgnet_ascii_lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Whether a pattern can mean a host, whatever its port. */
static bool
is_valid(const pgnet_host_pattern *pattern)
{
	const char *name = pattern->host;
	size_t length = pattern->length;
	unsigned char bits[16];

	if (is_every_host(pattern) || parse_address(name, length, bits) != 0)
		return true;
	if (length > 2 && name[0] == '*' && name[1] == '.')
	{
		name += 2;
		length -= 2;
	}
	if (length == 0 || length > LONGEST_NAME || name[0] == '.' || ends_in_number(name, length))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!is_letter_or_digit(name[i]) && strchr("-_.", name[i]) == NULL)
			return false;
	return true;
}

/* Whether a pattern without a port can mean a host. */
bool
pgnet_host_pattern_valid(const char *text, size_t length)
{
	pgnet_host_pattern pattern = pgnet_host_pattern_of(text, length);

	return is_valid(&pattern);
}

/* Where the colon before a port is; NULL without one. The colons of an address that is not in brackets are its own. */
static const char *
find_port(const char *text)
{
	const char *colon = text[0] == '[' ? strstr(text, "]:") : strchr(text, ':');

	if (colon == NULL)
		return NULL;
	if (text[0] == '[')
		return colon + 1;
	return strchr(colon + 1, ':') == NULL ? colon : NULL;
}

/* A port in decimal digits; 0 when it is none. */
static int
parse_port(const char *digits)
{
	int port = 0;

	if (strlen(digits) > 5 || digits[strspn(digits, "0123456789")] != '\0')
		return 0;
	for (; *digits != '\0'; digits++)
		port = port * 10 + (*digits - '0');
	return port <= 65535 ? port : 0;
}

/* Parses a pattern with an optional port; false when it can mean no host. */
bool
pgnet_host_pattern_with_port(const char *text, pgnet_host_pattern *pattern)
{
	const char *colon = find_port(text);

	*pattern = pgnet_host_pattern_of(text, colon == NULL ? strlen(text) : (size_t) (colon - text));
	if (colon != NULL)
		pattern->port = parse_port(colon + 1);
	return is_valid(pattern) && (colon == NULL || pattern->port != 0);
}

/* Writes the host of a valid pattern in lower case, an IPv6 address in brackets and as it is usually written. */
static int
write_host(const pgnet_host_pattern *pattern, char *text)
{
	unsigned char bits[16];
	char address[INET6_ADDRSTRLEN];

	if (parse_address(pattern->host, pattern->length, bits) == AF_INET6)
		return sprintf(text, "[%s]", inet_ntop(AF_INET6, bits, address, sizeof(address)));
	for (size_t i = 0; i < pattern->length; i++)
		text[i] = pgnet_ascii_lower(pattern->host[i]);
	text[pattern->length] = '\0';
	return (int) pattern->length;
}

/* The normal form of a valid pattern: two that mean the same have the same. */
void
pgnet_host_pattern_text(const pgnet_host_pattern *pattern,
						char text[static PGNET_HOST_PATTERN_SIZE])
{
	int length = write_host(pattern, text);

	if (pattern->port != 0)
		sprintf(text + length, ":%d", pattern->port);
}

/* Whether the pattern, which is not "*", means the host. */
static bool
means(const pgnet_host_pattern *pattern, const pgnet_host_pattern *host)
{
	unsigned char pattern_bits[16];
	unsigned char bits[16];
	int family = parse_address(host->host, host->length, bits);
	const char *suffix = pattern->host + 1;
	size_t suffix_length = pattern->length - 1;

	if (family != 0)
		return parse_address(pattern->host, pattern->length, pattern_bits) == family &&
			   memcmp(pattern_bits, bits, family == AF_INET ? 4 : 16) == 0;
	if (pattern->host[0] == '*')
		return host->length > suffix_length &&
			   pgnet_ascii_equal(suffix, host->host + host->length - suffix_length, suffix_length);
	return pattern->length == host->length &&
		   pgnet_ascii_equal(pattern->host, host->host, host->length);
}

/*
 * How specific a pattern is for a host: 0 when it does not mean it, else the more the longer. A name or an address is more
 * specific than a wildcard, and of the same, one with a port is more specific than one without.
 */
int
pgnet_host_pattern_match(const pgnet_host_pattern *pattern, const pgnet_host_pattern *host)
{
	size_t length = 0;

	if (pattern->length == 0 || (pattern->port != 0 && pattern->port != host->port))
		return 0;
	if (!is_every_host(pattern))
	{
		if (!means(pattern, host))
			return 0;
		length = pattern->host[0] == '*' ? pattern->length - 1 : RANK_OF_NAME;
	}
	return (int) (2 * length) + (pattern->port != 0 ? 2 : 1);
}

/* The same of texts. The host is as libcurl's URL parser gives it; 0 for a pattern that is none. */
int
pgnet_host_rank(const char *pattern_text, const char *host_text, int port)
{
	pgnet_host_pattern pattern;
	pgnet_host_pattern host = pgnet_host_pattern_of(host_text, strlen(host_text));

	host.port = port;
	return pgnet_host_pattern_with_port(pattern_text, &pattern)
			   ? pgnet_host_pattern_match(&pattern, &host)
			   : 0;
}

/* The same of many patterns, each with a NUL at its end. */
void
pgnet_host_ranks(const char *patterns, int count, const char *host, int port, int *ranks)
{
	for (int i = 0; i < count; i++)
	{
		ranks[i] = pgnet_host_rank(patterns, host, port);
		patterns += strlen(patterns) + 1;
	}
}
