/*
 * guard.h
 *	  Keeps libcurl from addresses that are denied.
 *
 * libcurl asks before it connects a socket, and before it sends a request over a
 * connection, an old one included, on the thread that runs its multi handle.  The table
 * of networks has one owner, who changes it on that thread only.
 */
#ifndef PGNET_GUARD_H
#define PGNET_GUARD_H

#include <netinet/in.h>
#include <stdint.h>

#include "guard/networks.h"

/* The networks that are denied now */
typedef struct pgnet_denied
{
	pgnet_network *networks; /* malloc'ed */
	int64_t count;
} pgnet_denied;

/*
 * One transfer's view of them, and what came of it.  Java reads the fields by offset
 * (org.pgnet.curl.AddressGuard); guard.c asserts the offsets.
 */
typedef struct pgnet_guard
{
	const pgnet_denied *denied;
	int32_t opened;                        /* sockets that were permitted */
	int32_t refused;                       /* addresses that were not */
	int32_t asked;                         /* how often a connection was judged */
	char address[INET6_ADDRSTRLEN];        /* the last of those, as text */
	char network[PGNET_NETWORK_TEXT_SIZE]; /* the network that it is in */
} pgnet_guard;

extern pgnet_denied *pgnet_denied_create(void);
extern int pgnet_denied_set(pgnet_denied *denied, const char *list);
extern int pgnet_denied_contains(const pgnet_denied *denied, const char *address);
extern void pgnet_denied_destroy(pgnet_denied *denied);

/* For CURLOPT_OPENSOCKETFUNCTION and CURLOPT_PREREQFUNCTION; userdata is a pgnet_guard */
struct curl_sockaddr;
extern int pgnet_guard_open(void *userdata, int purpose, struct curl_sockaddr *address);
extern int pgnet_guard_request(void *userdata, char *remote_address, char *local_address,
							   int remote_port, int local_port);

#endif /* PGNET_GUARD_H */
