/*
 * calls.h
 *	  What one request needs of libcurl, in few calls from Java.
 */
#ifndef PGNET_CALLS_H
#define PGNET_CALLS_H

#include <stdint.h>

#include "transfer/libcurl.h"

/* One argument of curl_easy_setopt, a number or a pointer; Java writes these */
typedef struct pgnet_option
{
	int64_t option;
	int64_t value;
} pgnet_option;

/* A transfer that is complete; Java reads these */
typedef struct pgnet_completion
{
	int64_t easy;
	int64_t curl_code;
} pgnet_completion;

extern int pgnet_set_options(const pgnet_libcurl *libcurl, void *easy, int32_t reset,
							 const pgnet_option *options, int32_t count);
extern int pgnet_perform(const pgnet_libcurl *libcurl, void *multi, pgnet_completion *completions,
						 int32_t capacity, int32_t *count);
extern int pgnet_remove(const pgnet_libcurl *libcurl, void *multi, void *easy, int64_t *figures);

#endif /* PGNET_CALLS_H */
