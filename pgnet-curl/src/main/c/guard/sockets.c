/*
 * sockets.c
 *	  The open sockets of one loop, each with the owner whose transfer opened it.
 */
#include "guard/sockets.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_CAPACITY 256

/* From openssl/ssl.h, so that it is not needed to build */
#define SSL3_RT_HEADER 0x100
#define SSL3_RT_INNER_CONTENT_TYPE 0x101
#define SSL_CTRL_SET_MSG_CALLBACK_ARG 16

/* RFC 8446, 5.1: ContentType */
#define TLS_APPLICATION_DATA 23

_Static_assert(offsetof(pgnet_sockets, open) == 0, "read by Java");

/* A table without sockets, or NULL when there is no memory. */
pgnet_sockets *
pgnet_sockets_create(void)
{
	pgnet_sockets *sockets = calloc(1, sizeof(pgnet_sockets));

	if (sockets != NULL)
		memset(sockets->buckets, -1, sizeof(sockets->buckets));
	return sockets;
}

/* Frees the table; libcurl must have closed its connections before. */
void
pgnet_sockets_destroy(pgnet_sockets *sockets)
{
	for (int32_t fd = 0; fd < sockets->capacity; fd++)
		free(sockets->entries[fd]);
	free(sockets->entries);
	free(sockets);
}

/* Whether this descriptor, which is below the capacity, is that of an open socket. */
static bool
is_open(const pgnet_sockets *sockets, int fd)
{
	return sockets->entries[fd] != NULL && sockets->entries[fd]->open;
}

/* How many sockets of this pool are open. */
int32_t
pgnet_sockets_count(const pgnet_sockets *sockets, int64_t pool)
{
	int32_t count = 0;

	for (int32_t fd = 0; fd < sockets->capacity; fd++)
		count += is_open(sockets, fd) && sockets->entries[fd]->pool == pool;
	return count;
}

/* Makes room for this descriptor; false when there is no memory. */
static bool
grow(pgnet_sockets *sockets, int fd)
{
	int32_t capacity = sockets->capacity == 0 ? FIRST_CAPACITY : sockets->capacity;
	pgnet_socket **grown;

	if (fd < sockets->capacity)
		return true;
	while (capacity <= fd)
		capacity *= 2;
	grown = realloc(sockets->entries, (size_t) capacity * sizeof(pgnet_socket *));
	if (grown == NULL)
		return false;
	memset(grown + sockets->capacity, 0,
		   (size_t) (capacity - sockets->capacity) * sizeof(pgnet_socket *));
	sockets->entries = grown;
	sockets->capacity = capacity;
	return true;
}

/* The entry of this descriptor is there afterwards; false when there is no memory. */
static bool
reserve(pgnet_sockets *sockets, int fd)
{
	if (!grow(sockets, fd))
		return false;
	if (sockets->entries[fd] == NULL)
		sockets->entries[fd] = calloc(1, sizeof(pgnet_socket));
	return sockets->entries[fd] != NULL;
}

static int32_t *
bucket(pgnet_sockets *sockets, int local_port)
{
	return &sockets->buckets[(unsigned int) local_port % PGNET_SOCKETS_BUCKETS];
}

/* Forgets a socket that was closed. */
static void
forget(pgnet_sockets *sockets, int fd)
{
	pgnet_socket *entry = pgnet_sockets_get(sockets, fd);

	if (entry == NULL)
		return;
	if (entry->opener == NULL)
	{
		int32_t *link = bucket(sockets, entry->local_port);

		while (*link != fd)
			link = &sockets->entries[*link]->next;
		*link = entry->next;
	}
	entry->open = false;
	sockets->open--;
}

/* Takes note of a new socket; false when there is no memory. */
bool
pgnet_sockets_opened(pgnet_sockets *sockets, int fd, int64_t owner, int64_t pool,
					 const void *opener)
{
	if (!reserve(sockets, fd))
		return false;
	forget(sockets, fd); /* in case that libcurl closed one without telling */
	*sockets->entries[fd] =
		(pgnet_socket){.owner = owner, .pool = pool, .opener = opener, .open = true, .next = -1};
	sockets->open++;
	return true;
}

/* The socket of this descriptor, or NULL when it is not one of these. */
pgnet_socket *
pgnet_sockets_get(const pgnet_sockets *sockets, int fd)
{
	return fd >= 0 && fd < sockets->capacity && is_open(sockets, fd) ? sockets->entries[fd] : NULL;
}

/* Whether the socket's own address is this, as libcurl read it when it was connected. */
static bool
is_local_address(int fd, const pgnet_connection *connection)
{
	union
	{
		struct sockaddr any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
	} local;
	socklen_t length = sizeof(local);
	char text[INET6_ADDRSTRLEN] = "";
	int port = 0;

	if (getsockname(fd, &local.any, &length) != 0)
		return false;
	if (local.any.sa_family == AF_INET)
	{
		inet_ntop(AF_INET, &local.ipv4.sin_addr, text, sizeof(text));
		port = ntohs(local.ipv4.sin_port);
	}
	else if (local.any.sa_family == AF_INET6)
	{
		inet_ntop(AF_INET6, &local.ipv6.sin6_addr, text, sizeof(text));
		port = ntohs(local.ipv6.sin6_port);
	}
	return port == connection->local_port && strcmp(text, connection->local_address) == 0;
}

/* Copies an address; one that is too long becomes empty, and is never found. */
static void
copy_address(char target[static INET6_ADDRSTRLEN], const char *address)
{
	size_t length = strlen(address);

	if (length >= INET6_ADDRSTRLEN)
		length = 0;
	memcpy(target, address, length);
	target[length] = '\0';
}

/*
 * The descriptor of a connection among those that this transfer opened and that carried nothing yet; from now on it is a
 * kept one.  -1 when it is none of them.
 */
int
pgnet_sockets_find_new(pgnet_sockets *sockets, const void *opener,
					   const pgnet_connection *connection)
{
	for (int fd = 0; fd < sockets->capacity; fd++)
	{
		pgnet_socket *entry = sockets->entries[fd];
		int32_t *first;

		if (!is_open(sockets, fd) || entry->opener != opener || !is_local_address(fd, connection))
			continue;
		entry->opener = NULL;
		entry->local_port = connection->local_port;
		entry->remote_port = connection->remote_port;
		copy_address(entry->local_address, connection->local_address);
		copy_address(entry->remote_address, connection->remote_address);
		first = bucket(sockets, entry->local_port);
		entry->next = *first;
		*first = fd;
		return fd;
	}
	return -1;
}

/*
 * The descriptor of a connection that carried a request before, -1 when it is none of these.  The remote port only tells
 * apart what the rest does not: behind a proxy libcurl may name that of either.
 */
int
pgnet_sockets_find_kept(const pgnet_sockets *sockets, const pgnet_connection *connection)
{
	int found = -1;
	int matches = 0;
	int exact = -1;
	int exact_matches = 0;
	int32_t fd = sockets->buckets[(unsigned int) connection->local_port % PGNET_SOCKETS_BUCKETS];

	for (; fd >= 0; fd = sockets->entries[fd]->next)
	{
		const pgnet_socket *entry = sockets->entries[fd];

		if (entry->local_port != connection->local_port || entry->local_address[0] == '\0' ||
			strcmp(entry->local_address, connection->local_address) != 0 ||
			strcmp(entry->remote_address, connection->remote_address) != 0)
			continue;
		found = fd;
		matches++;
		if (entry->remote_port == connection->remote_port)
		{
			exact = fd;
			exact_matches++;
		}
	}
	if (matches == 1)
		return found;
	return exact_matches == 1 ? exact : -1;
}

/* How many bytes have come on a socket, read or not, and one more for the end of the stream (tcpi_bytes_received). */
static uint64_t
bytes_received(int fd)
{
	struct tcp_info info = {0};
	socklen_t length = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0)
		return 0;
	return info.tcpi_bytes_received;
}

/*
 * For SSL_CTX_set_msg_callback(3); userdata is a pgnet_socket, or NULL while nobody watches.  Counts the records that bring
 * data of the application.  TLS 1.3 says that of each one from outside, and what it is once that is decrypted; TLS 1.2 tells
 * the truth at once.
 */
static void
note_record(int is_written, int version, int kind, const void *content, size_t length, void *ssl,
			void *userdata)
{
	pgnet_socket *socket = userdata;
	bool is_data = length > 0 && *(const unsigned char *) content == TLS_APPLICATION_DATA;

	(void) version;
	(void) ssl;
	if (is_written != 0 || socket == NULL)
		return;
	if (kind == SSL3_RT_HEADER && is_data)
		socket->records++;
	if (kind == SSL3_RT_INNER_CONTENT_TYPE && !is_data)
		socket->records--;
}

/*
 * For CURLOPT_SSL_CTX_FUNCTION, with OpenSSL; userdata is a pgnet_libcurl.  OpenSSL 3.2 and later tell of records only where
 * the callback was there before the handshake.
 */
int
pgnet_sockets_tls(void *easy, void *ctx, void *userdata)
{
	const pgnet_libcurl *libcurl = userdata;

	(void) easy;
	libcurl->openssl_ctx_set_msg_callback(ctx, note_record);
	return 0;
}

/* Counts from now on the records that come on this socket. */
static void
watch_records(pgnet_socket *socket, const pgnet_libcurl *libcurl, void *ssl)
{
	socket->records = 0;
	libcurl->openssl_control(ssl, SSL_CTRL_SET_MSG_CALLBACK_ARG, 0, socket);
}

/*
 * From now on it is of interest whether anything of an answer comes on this socket until it is closed: any byte, or with
 * the session of OpenSSL that is not NULL, any record with data.  Returns the watch's number.
 */
int64_t
pgnet_sockets_watch(pgnet_sockets *sockets, int fd, const pgnet_libcurl *libcurl, void *openssl)
{
	pgnet_socket *entry = pgnet_sockets_get(sockets, fd);

	entry->by_records = openssl != NULL;
	if (entry->by_records)
		watch_records(entry, libcurl, openssl);
	else
		entry->received_before = bytes_received(fd);
	entry->watch = ++sockets->last_watch;
	return entry->watch;
}

/* Whether anything of an answer has come on a socket since it is watched. */
static bool
has_heard(const pgnet_socket *socket, int fd)
{
	return socket->by_records ? socket->records > 0
							  : bytes_received(fd) > socket->received_before + 1;
}

/*
 * Whether an answer came from when this watch of a socket began.  It was closed just now; of TLS libcurl 8.10 and later may
 * not have closed it yet.
 */
bool
pgnet_sockets_heard(const pgnet_sockets *sockets, int fd, int64_t watch)
{
	const pgnet_socket *entry = pgnet_sockets_get(sockets, fd);

	if (entry != NULL && entry->watch == watch)
		return has_heard(entry, fd);
	return sockets->heard[watch % PGNET_SOCKETS_HEARD] == watch;
}

/* Closes a socket, whoever opened it. */
int
pgnet_sockets_close(void *userdata, int fd)
{
	pgnet_sockets *sockets = userdata;
	const pgnet_socket *entry = pgnet_sockets_get(sockets, fd);

	if (entry != NULL && entry->watch != 0 && has_heard(entry, fd))
		sockets->heard[entry->watch % PGNET_SOCKETS_HEARD] = entry->watch;
	forget(sockets, fd);
	return close(fd);
}
