/*
 * options.h
 *	  Many options of a libcurl easy handle in one call.
 */
#ifndef PGNET_OPTIONS_H
#define PGNET_OPTIONS_H

#include <stdint.h>

/* One numeric or pointer argument of curl_easy_setopt; Java writes these */
typedef struct pgnet_option
{
	int64_t option;
	int64_t value;
} pgnet_option;

/* curl_easy_reset and curl_easy_setopt, by pointer, so that no libcurl is linked */
typedef void (*pgnet_reset_function)(void *easy);
typedef int (*pgnet_setopt_function)(void *easy, int option, ...);

extern int pgnet_set_options(void *easy, pgnet_reset_function reset, pgnet_setopt_function setopt,
							 const pgnet_option *options, int64_t count);

#endif /* PGNET_OPTIONS_H */
