/*
 * hosts.c
 *	  Lists of patterns of host names, and whether a host is one of them.
 */
#include "guard/hosts.h"
#include "guard/host_pattern.h"

#include <string.h>

#define SEPARATORS ", \t\r\n"

/* Whether a host, as libcurl's URL parser gives it, is allowed. */
int
pgnet_hosts_allow(const char *patterns, const char *host_text)
{
	pgnet_host_pattern host = pgnet_host_pattern_of(host_text, strlen(host_text));

	for (patterns += strspn(patterns, SEPARATORS); *patterns != '\0';
		 patterns += strspn(patterns, SEPARATORS))
	{
		size_t length = strcspn(patterns, SEPARATORS);
		pgnet_host_pattern pattern = pgnet_host_pattern_of(patterns, length);

		if (pgnet_host_pattern_match(&pattern, &host) != 0)
			return true;
		patterns += length;
	}
	return false;
}

/* Whether all patterns, separated by commas or white space, can mean a host; else *bad is at the first that cannot. */
bool
pgnet_hosts_valid(const char *patterns, const char **bad, size_t *bad_length)
{
	for (patterns += strspn(patterns, SEPARATORS); *patterns != '\0';
		 patterns += strspn(patterns, SEPARATORS))
	{
		size_t length = strcspn(patterns, SEPARATORS);

		if (!pgnet_host_pattern_valid(patterns, length))
		{
			*bad = patterns;
			*bad_length = length;
			return false;
		}
		patterns += length;
	}
	return true;
}
