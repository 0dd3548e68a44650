/*
 * guard.h
 *	  Keeps libcurl from addresses that are denied, and from connections that are not fit
 *	  for a request.
 *
 * libcurl asks before it connects a socket, and before it sends a request over a
 * connection, an old one included, on the thread that runs its multi handle.  The table
 * of networks has one owner, who changes it on that thread only.
 *
 * A kept connection is refused when it is another owner's, when anything waits to be read
 * on it, and when the request was sent before: it is sent again on a fresh one only, and
 * only when it is idempotent or no byte of an answer has come (RFC 9110, 9.2.2).
 */
#ifndef PGNET_GUARD_H
#define PGNET_GUARD_H

#include <netinet/in.h>
#include <stdint.h>

#include "guard/networks.h"
#include "guard/sockets.h"
#include "transfer/libcurl.h"

/* The networks that are denied now */
typedef struct pgnet_denied
{
	pgnet_network *networks; /* malloc'ed */
	int64_t count;
} pgnet_denied;

/*
 * One transfer's view of them, and what came of it.  Java reads and writes the fields by
 * offset (org.pgnet.curl.ConnectionGuard); guard.c asserts the offsets.
 */
typedef struct pgnet_guard
{
	const pgnet_denied *denied;
	pgnet_sockets *sockets;
	const pgnet_libcurl *libcurl;
	void *easy;          /* the transfer's */
	int64_t owner;       /* whose request it is */
	int64_t pool;        /* the pool for what it opens */
	int32_t fresh;       /* 1 when libcurl was told to connect anew */
	int32_t opened;      /* sockets that were permitted */
	int32_t refused;     /* addresses that were not */
	int32_t sent;        /* connections that the request was sent on */
	int32_t unfit;       /* 1 when the last one was refused, whatever its address */
	int32_t socket;      /* the descriptor that it was last sent on, -1 when not known */
	int64_t body_length; /* of the request */
	int64_t watch;       /* on the kept connection that it was sent on, 0 for none */
	int32_t repeatable;  /* 1 when its method is idempotent */
	int32_t answered; /* 1 when it was not sent again: an answer had begun, or it was sent twice */
	char address[INET6_ADDRSTRLEN];        /* the last address that was refused, as text */
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

/* For the sink, while libcurl delivers an answer */
extern void pgnet_guard_answer_begins(pgnet_guard *guard, bool multiplexed);
extern void pgnet_guard_answer_misleads(pgnet_guard *guard);

#endif /* PGNET_GUARD_H */
