/*
 * hosts.c
 *	  Patterns of host names, and whether a host is one of them.
 *
 * A pattern is "*" for every host, "*.example.com" for every name below example.com (not
 * example.com itself), a name, or an IPv4 or IPv6 address.  An address is compared by its
 * bits, and is never below a name.  The host comes from libcurl's URL parser, which has
 * already turned decimal, octal and hexadecimal forms of IPv4 addresses into the usual
 * one; what it left as it is counts as a name.
 */
#include "guard/hosts.h"
#include "guard/ascii.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#define SEPARATORS ", \t\r\n"

/* Takes off brackets, zone and the dot of an absolute name. */
static void
strip(const char **host, size_t *length)
{
	const char *zone;

	if (*length >= 2 && (*host)[0] == '[' && (*host)[*length - 1] == ']')
	{
		(*host)++;
		*length -= 2;
	}
	zone = memchr(*host, ':', *length) == NULL ? NULL : memchr(*host, '%', *length);
	if (zone != NULL)
		*length = (size_t) (zone - *host);
	if (*length > 1 && (*host)[*length - 1] == '.')
		(*length)--;
}

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

/* Whether the pattern, which is not "*", means the host. Neither has a dot at its end. */
static bool
matches(const char *pattern, size_t pattern_length, const char *host, size_t length)
{
	unsigned char pattern_bits[16];
	unsigned char bits[16];
	int family = parse_address(host, length, bits);

	if (family != 0)
		return parse_address(pattern, pattern_length, pattern_bits) == family &&
			   memcmp(pattern_bits, bits, family == AF_INET ? 4 : 16) == 0;
	if (pattern[0] == '*')
	{
		pattern++;
		pattern_length--;
		if (length <= pattern_length)
			return false;
		host += length - pattern_length;
		length = pattern_length;
	}
	return length == pattern_length && pgnet_ascii_equal(pattern, host, length);
}

/* Whether a host, as libcurl's URL parser gives it, is allowed. */
int
pgnet_hosts_allow(const char *patterns, const char *host)
{
	size_t host_length = strlen(host);

	strip(&host, &host_length);
	for (patterns += strspn(patterns, SEPARATORS); *patterns != '\0';
		 patterns += strspn(patterns, SEPARATORS))
	{
		const char *pattern = patterns;
		size_t length = strcspn(pattern, SEPARATORS);

		patterns += length;
		if (length == 1 && *pattern == '*')
			return true;
		strip(&pattern, &length);
		if (matches(pattern, length, host, host_length))
			return true;
	}
	return false;
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

static bool
is_valid(const char *pattern, size_t length)
{
	unsigned char bits[16];

	if (length == 1 && *pattern == '*')
		return true;
	strip(&pattern, &length);
	if (parse_address(pattern, length, bits) != 0)
		return true;
	if (length > 2 && pattern[0] == '*' && pattern[1] == '.')
	{
		pattern += 2;
		length -= 2;
	}
	if (length == 0 || length > 253 || pattern[0] == '.' || ends_in_number(pattern, length))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!is_letter_or_digit(pattern[i]) && strchr("-_.", pattern[i]) == NULL)
			return false;
	return true;
}

/* Whether all patterns, separated by commas or white space, can mean a host; else *bad is at the first that cannot. */
bool
pgnet_hosts_valid(const char *patterns, const char **bad, size_t *bad_length)
{
	for (patterns += strspn(patterns, SEPARATORS); *patterns != '\0';
		 patterns += strspn(patterns, SEPARATORS))
	{
		size_t length = strcspn(patterns, SEPARATORS);

		if (!is_valid(patterns, length))
		{
			*bad = patterns;
			*bad_length = length;
			return false;
		}
		patterns += length;
	}
	return true;
}
