/*
 * hosts.h
 *	  Patterns of host names, and whether a host is one of them.
 *
 * Knows neither libcurl nor PostgreSQL: sessions check a URL with it when a request is
 * made, the worker before each hop, so that the two cannot disagree.
 */
#ifndef PGNET_HOSTS_H
#define PGNET_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

extern bool pgnet_hosts_valid(const char *patterns, const char **bad, size_t *bad_length);
extern int pgnet_hosts_allow(const char *patterns, const char *host);

#endif /* PGNET_HOSTS_H */
