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
	free(sockets->entries);
	free(sockets);
}

/* How many sockets of this pool are open. */
int32_t
pgnet_sockets_count(const pgnet_sockets *sockets, int64_t pool)
{
	int32_t count = 0;

	for (int32_t fd = 0; fd < sockets->capacity; fd++)
		count += sockets->entries[fd].open && sockets->entries[fd].pool == pool;
	return count;
}

/* Makes room for this descriptor; false when there is no memory. */
static bool
reserve(pgnet_sockets *sockets, int fd)
{
	int32_t capacity = sockets->capacity == 0 ? FIRST_CAPACITY : sockets->capacity;
	pgnet_socket *grown;

	if (fd < sockets->capacity)
		return true;
	while (capacity <= fd)
		capacity *= 2;
	grown = realloc(sockets->entries, (size_t) capacity * sizeof(pgnet_socket));
	if (grown == NULL)
		return false;
	memset(grown + sockets->capacity, 0,
		   (size_t) (capacity - sockets->capacity) * sizeof(pgnet_socket));
	sockets->entries = grown;
	sockets->capacity = capacity;
	return true;
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
			link = &sockets->entries[*link].next;
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
	sockets->entries[fd] =
		(pgnet_socket){.owner = owner, .pool = pool, .opener = opener, .open = true, .next = -1};
	sockets->open++;
	return true;
}

/* The socket of this descriptor, or NULL when it is not one of these. */
pgnet_socket *
pgnet_sockets_get(const pgnet_sockets *sockets, int fd)
{
	return fd >= 0 && fd < sockets->capacity && sockets->entries[fd].open ? &sockets->entries[fd]
																		  : NULL;
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
		pgnet_socket *entry = &sockets->entries[fd];
		int32_t *first;

		if (!entry->open || entry->opener != opener || !is_local_address(fd, connection))
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

	for (; fd >= 0; fd = sockets->entries[fd].next)
	{
		const pgnet_socket *entry = &sockets->entries[fd];

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

/* From now on it is of interest whether anything comes on this socket until it is closed. Returns the watch's number. */
int64_t
pgnet_sockets_watch(pgnet_sockets *sockets, int fd)
{
	pgnet_socket *entry = pgnet_sockets_get(sockets, fd);

	entry->received_before = bytes_received(fd);
	entry->watch = ++sockets->last_watch;
	return entry->watch;
}

/* Whether bytes came on a socket that was closed just now, from when this watch of it began. */
bool
pgnet_sockets_heard(const pgnet_sockets *sockets, int64_t watch)
{
	return sockets->heard[watch % PGNET_SOCKETS_HEARD] == watch;
}

/* Closes a socket, whoever opened it. */
int
pgnet_sockets_close(void *userdata, int fd)
{
	pgnet_sockets *sockets = userdata;
	const pgnet_socket *entry = pgnet_sockets_get(sockets, fd);

	if (entry != NULL && entry->watch != 0 && bytes_received(fd) > entry->received_before + 1)
		sockets->heard[entry->watch % PGNET_SOCKETS_HEARD] = entry->watch;
	forget(sockets, fd);
	return close(fd);
}
