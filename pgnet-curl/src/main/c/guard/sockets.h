/*
 * sockets.h
 *	  The open sockets of one loop, each with the owner whose transfer opened it.
 *
 * libcurl's own matching knows neither owners nor what waits to be read on a kept
 * connection.  Filled by the callbacks that open and close sockets, on the thread that
 * runs the multi handle; Java reads the number of open ones.
 */
#ifndef PGNET_SOCKETS_H
#define PGNET_SOCKETS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "transfer/libcurl.h"

/* A connection as libcurl names it to CURLOPT_PREREQFUNCTION; no text is NULL */
typedef struct pgnet_connection
{
	const char *local_address;
	const char *remote_address;
	int local_port;
	int remote_port;
} pgnet_connection;

typedef struct pgnet_socket
{
	int64_t owner;
	int64_t pool; /* the connection pool that it is in */
	const void *
		opener; /* the guard of the transfer that opened it, until it carries a request; then NULL */
	bool open;
	bool multiplexed;         /* HTTP/2: answers are told apart by their streams */
	bool unclean;             /* must not carry another request */
	int64_t watch;            /* the number of the watch for bytes of an answer, 0 for none */
	uint64_t received_before; /* in bytes, when it began */
	bool by_records;          /* it looks at the records of TLS instead */
	int64_t records;          /* with data, since it began */
	int local_port;           /* these four as libcurl names them, once it carries a request */
	int remote_port;
	char local_address[INET6_ADDRSTRLEN];
	char remote_address[INET6_ADDRSTRLEN];
	int32_t next; /* of those with a local port of the same hash: its descriptor, -1 for none */
} pgnet_socket;

#define PGNET_SOCKETS_BUCKETS 1024
/* libcurl asks again right after it has closed a socket, so few are enough */
#define PGNET_SOCKETS_HEARD 64

/* Java reads open by offset (org.pgnet.curl.OpenSockets); sockets.c asserts it. */
typedef struct pgnet_sockets
{
	int32_t open;
	int32_t capacity;
	pgnet_socket **entries; /* by descriptor; malloc'ed, each where it stays to the end */
	int32_t buckets[PGNET_SOCKETS_BUCKETS];
	int64_t last_watch;
	int64_t heard
		[PGNET_SOCKETS_HEARD]; /* the last watches of sockets that were closed after an answer had begun */
} pgnet_sockets;

extern pgnet_sockets *pgnet_sockets_create(void);
extern void pgnet_sockets_destroy(pgnet_sockets *sockets);
extern int32_t pgnet_sockets_count(const pgnet_sockets *sockets, int64_t pool);

extern bool pgnet_sockets_opened(pgnet_sockets *sockets, int fd, int64_t owner, int64_t pool,
								 const void *opener);
extern pgnet_socket *pgnet_sockets_get(const pgnet_sockets *sockets, int fd);
extern int pgnet_sockets_find_new(pgnet_sockets *sockets, const void *opener,
								  const pgnet_connection *connection);
extern int pgnet_sockets_find_kept(const pgnet_sockets *sockets,
								   const pgnet_connection *connection);

extern int64_t pgnet_sockets_watch(pgnet_sockets *sockets, int fd, const pgnet_libcurl *libcurl,
								   void *openssl);
extern bool pgnet_sockets_heard(const pgnet_sockets *sockets, int fd, int64_t watch);

/* For CURLOPT_SSL_CTX_FUNCTION; userdata is a pgnet_libcurl */
extern int pgnet_sockets_tls(void *easy, void *ctx, void *userdata);

/* For CURLOPT_CLOSESOCKETFUNCTION; userdata is a pgnet_sockets */
extern int pgnet_sockets_close(void *userdata, int fd);

#endif /* PGNET_SOCKETS_H */
