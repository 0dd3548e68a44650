/*
 * calls.c
 *	  What one request needs of libcurl, in few calls from Java.
 *
 * Setting sixteen options takes libcurl as long as Java takes to call C once.
 */
#include "transfer/calls.h"
#include "transfer/memory.h"
#include "transfer/text_locale.h"

#include <stddef.h>

/* Numbers and pointers share one table: setopt takes each as a long, a pointer or a curl_off_t */
_Static_assert(sizeof(long) == 8 && sizeof(void *) == 8, "64-bit Linux");

_Static_assert(sizeof(pgnet_libcurl) == 80, "written by Java");
_Static_assert(sizeof(pgnet_option) == 16, "written by Java");
_Static_assert(sizeof(pgnet_completion) == 16, "read by Java");

/* From curl/curl.h */
#define CURLINFO_TOTAL_TIME_T (0x600000 + 50)

/* Resets the handle if asked to, then sets the options in order; returns the first CURLcode that is not 0. */
int
pgnet_set_options(const pgnet_libcurl *libcurl, void *easy, int32_t reset,
				  const pgnet_option *options, int32_t count)
{
	bool keeps = pgnet_memory_begin();
	int code = 0;

	if (reset)
		libcurl->easy_reset(easy);
	for (int32_t i = 0; i < count && code == 0; i++)
		code = libcurl->easy_setopt(easy, (int) options[i].option, (long) options[i].value);
	pgnet_memory_end(keeps);
	return code;
}

/*
 * Does what can be done without waiting, and notes which transfers are complete; those beyond the capacity come the next
 * time.  Returns a CURLMcode.
 */
int
pgnet_perform(const pgnet_libcurl *libcurl, void *multi, pgnet_completion *completions,
			  int32_t capacity, int32_t *count)
{
	bool keeps = pgnet_memory_begin();
	int64_t previous = pgnet_utf8_begin();
	pgnet_curl_message *message;
	int unused;
	int code = libcurl->multi_perform(multi, &unused);

	pgnet_utf8_end(previous);
	pgnet_memory_end(keeps);
	*count = 0;
	while (*count < capacity && (message = libcurl->multi_info_read(multi, &unused)) != NULL)
	{
		pgnet_completion *completion = &completions[(*count)++];

		completion->easy = (int64_t) message->easy;
		completion->curl_code = message->data.result;
	}
	return code;
}

/*
 * Takes a handle out of the multi handle and writes its response code and its total time in microseconds, for which
 * libcurl has room in every handle.  Returns a CURLMcode.
 */
int
pgnet_remove(const pgnet_libcurl *libcurl, void *multi, void *easy, int64_t *figures)
{
	bool keeps = pgnet_memory_begin();
	int code = libcurl->multi_remove_handle(multi, easy);
	long status = 0;

	libcurl->easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	figures[0] = status;
	figures[1] = 0;
	libcurl->easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &figures[1]);
	pgnet_memory_end(keeps);
	return code;
}
