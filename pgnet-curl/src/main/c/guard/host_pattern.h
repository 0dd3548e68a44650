/*
 * host_pattern.h
 *	  One pattern of host names, with or without a port.
 *
 * Knows neither libcurl nor PostgreSQL: sessions and the worker match hosts with it, so
 * that the two cannot disagree.
 */
#ifndef PGNET_HOST_PATTERN_H
#define PGNET_HOST_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/* Holds the normal form of any valid pattern */
#define PGNET_HOST_PATTERN_SIZE 272

/* A part of a text: neither brackets, zone, a dot at the end nor the port are in it. */
typedef struct pgnet_host_pattern
{
	const char *host;
	size_t length;
	int port; /* 0 for any */
} pgnet_host_pattern;

extern pgnet_host_pattern pgnet_host_pattern_of(const char *text, size_t length);
extern bool pgnet_host_pattern_valid(const char *text, size_t length);
extern bool pgnet_host_pattern_with_port(const char *text, pgnet_host_pattern *pattern);
extern void pgnet_host_pattern_text(const pgnet_host_pattern *pattern,
									char text[static PGNET_HOST_PATTERN_SIZE]);
extern int pgnet_host_pattern_match(const pgnet_host_pattern *pattern,
									const pgnet_host_pattern *host);
extern int pgnet_host_rank(const char *pattern, const char *host, int port);
extern void pgnet_host_ranks(const char *patterns, int count, const char *host, int port,
							 int *ranks);

#endif /* PGNET_HOST_PATTERN_H */
