/*
 * options.c
 *	  Many options of a libcurl easy handle in one call.
 *
 * Setting sixteen options takes libcurl as long as Java takes to call C once.
 */
#include "options.h"

/* Numbers and pointers share one table: setopt takes each as a long, a pointer or a curl_off_t */
_Static_assert(sizeof(long) == 8 && sizeof(void *) == 8, "64-bit Linux");

/* Resets the handle, then sets the options in order; returns the first CURLcode that is not 0. */
int
pgnet_set_options(void *easy, pgnet_reset_function reset, pgnet_setopt_function setopt,
				  const pgnet_option *options, int64_t count)
{
	reset(easy);
	for (int64_t i = 0; i < count; i++)
	{
		int code = setopt(easy, (int) options[i].option, (long) options[i].value);

		if (code != 0)
			return code;
	}
	return 0;
}
