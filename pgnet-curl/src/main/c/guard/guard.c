/*
 * guard.c
 *	  Keeps libcurl from addresses that are denied, and from connections that are not fit for a request.
 */
#include "guard/guard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* From curl/curl.h, so that it is not needed to build */
#define CURLINFO_TLS_SSL_PTR (0x400000 + 45)
#define CURLINFO_SIZE_UPLOAD_T (0x600000 + 7)
#define CURLSSLBACKEND_OPENSSL 1
#define CURLSSLBACKEND_GNUTLS 2

/* a smaller body is in the server's kernel, read or not, as soon as the head is */
#define LARGE_BODY (16 * 1024)
/* libcurl would send six times what a server of HTTP/2 refuses on each new connection, ten times since 8.22 */
#define MOST_SENDINGS 2
#define CURL_SOCKET_BAD (-1)
#define CURL_PREREQFUNC_OK 0
#define CURL_PREREQFUNC_ABORT 1

struct curl_sockaddr
{
	int family;
	int socktype;
	int protocol;
	unsigned int addrlen;
	struct sockaddr addr;
};

struct curl_tlssessioninfo
{
	int backend;
	void *internals;
};

_Static_assert(offsetof(pgnet_guard, denied) == 0, "written by Java");
_Static_assert(offsetof(pgnet_guard, sockets) == 8, "written by Java");
_Static_assert(offsetof(pgnet_guard, libcurl) == 16, "written by Java");
_Static_assert(offsetof(pgnet_guard, easy) == 24, "written by Java");
_Static_assert(offsetof(pgnet_guard, owner) == 32, "written by Java");
_Static_assert(offsetof(pgnet_guard, pool) == 40, "written by Java");
_Static_assert(offsetof(pgnet_guard, fresh) == 48, "written by Java");
_Static_assert(offsetof(pgnet_guard, opened) == 52, "read by Java");
_Static_assert(offsetof(pgnet_guard, refused) == 56, "read by Java");
_Static_assert(offsetof(pgnet_guard, sent) == 60, "read by Java");
_Static_assert(offsetof(pgnet_guard, unfit) == 64, "read by Java");
_Static_assert(offsetof(pgnet_guard, socket) == 68, "written by Java");
_Static_assert(offsetof(pgnet_guard, body_length) == 72, "written by Java");
_Static_assert(offsetof(pgnet_guard, watch) == 80, "written by Java");
_Static_assert(offsetof(pgnet_guard, repeatable) == 88, "written by Java");
_Static_assert(offsetof(pgnet_guard, answered) == 92, "read by Java");
_Static_assert(offsetof(pgnet_guard, address) == 96, "read by Java");
_Static_assert(offsetof(pgnet_guard, network) == 142, "read by Java");
_Static_assert(sizeof(pgnet_guard) == 200, "allocated by Java");

/* A table that denies nothing, or NULL when there is no memory. */
pgnet_denied *
pgnet_denied_create(void)
{
	return calloc(1, sizeof(pgnet_denied));
}

/* Denies these networks from now on: 0; or leaves all as it was: 1 when the list is wrong, 2 when there is no memory. */
int
pgnet_denied_set(pgnet_denied *denied, const char *list)
{
	const char *bad;
	size_t bad_length;
	int64_t count = pgnet_networks_parse(list, NULL, 0, &bad, &bad_length);
	pgnet_network *networks = NULL;

	if (count < 0)
		return 1;
	if (count > 0)
	{
		networks = malloc((size_t) count * sizeof(pgnet_network));
		if (networks == NULL)
			return 2;
		pgnet_networks_parse(list, networks, count, &bad, &bad_length);
	}
	free(denied->networks);
	denied->networks = networks;
	denied->count = count;
	return 0;
}

/* Whether an address is denied: 0 no, 1 yes, -1 when the text is no address. */
int
pgnet_denied_contains(const pgnet_denied *denied, const char *address)
{
	pgnet_address parsed;

	if (!pgnet_address_parse(address, &parsed))
		return -1;
	return pgnet_networks_find(denied->networks, denied->count, &parsed) != NULL;
}

void
pgnet_denied_destroy(pgnet_denied *denied)
{
	free(denied->networks);
	free(denied);
}

/* Whether the address is permitted; notes it and its network when not. */
static bool
permit(pgnet_guard *guard, const pgnet_address *address, const char *text)
{
	const pgnet_network *network =
		pgnet_networks_find(guard->denied->networks, guard->denied->count, address);

	if (network == NULL)
		return true;
	guard->refused++;
	snprintf(guard->address, sizeof(guard->address), "%s", text);
	pgnet_network_text(network, guard->network);
	return false;
}

/* What is no IP address cannot be judged, and so is denied where anything is. */
static bool
permit_unknown(pgnet_guard *guard)
{
	if (guard->denied->count == 0)
		return true;
	guard->refused++;
	snprintf(guard->address, sizeof(guard->address), "of an unknown kind");
	pgnet_network_text(&guard->denied->networks[0], guard->network);
	return false;
}

static bool
permit_socket(pgnet_guard *guard, const struct curl_sockaddr *socket)
{
	char text[INET6_ADDRSTRLEN] = "";
	pgnet_address address;

	/* copied, since libcurl promises no alignment beyond that of struct sockaddr */
	if (socket->family == AF_INET && socket->addrlen >= sizeof(struct sockaddr_in))
	{
		struct sockaddr_in ipv4;

		memcpy(&ipv4, &socket->addr, sizeof(ipv4));
		inet_ntop(AF_INET, &ipv4.sin_addr, text, sizeof(text));
		return pgnet_address_of_ipv4(&ipv4.sin_addr, &address) && permit(guard, &address, text);
	}
	if (socket->family == AF_INET6 && socket->addrlen >= sizeof(struct sockaddr_in6))
	{
		struct sockaddr_in6 ipv6;

		memcpy(&ipv6, &socket->addr, sizeof(ipv6));
		inet_ntop(AF_INET6, &ipv6.sin6_addr, text, sizeof(text));
		return pgnet_address_of_ipv6(&ipv6.sin6_addr, &address) && permit(guard, &address, text);
	}
	return permit_unknown(guard);
}

/* Opens the socket for one address that libcurl tries. Refused, libcurl tries the host's next one. */
int
pgnet_guard_open(void *userdata, int purpose, struct curl_sockaddr *address)
{
	pgnet_guard *guard = userdata;
	int fd;

	(void) purpose;
	if (!permit_socket(guard, address))
		return CURL_SOCKET_BAD;
	guard->opened++;
	fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	if (fd >= 0 && !pgnet_sockets_opened(guard->sockets, fd, guard->owner, guard->pool, guard))
	{
		close(fd);
		return CURL_SOCKET_BAD;
	}
	return fd;
}

/* The TLS session of the connection that is about to be used, NULL when it has none. */
static const struct curl_tlssessioninfo *
tls_session(const pgnet_guard *guard)
{
	struct curl_tlssessioninfo *tls = NULL;

	if (guard->libcurl->easy_getinfo(guard->easy, CURLINFO_TLS_SSL_PTR, &tls) != 0 || tls == NULL ||
		tls->internals == NULL)
		return NULL;
	return tls;
}

/* Whether the TLS library has read more from the socket than libcurl has asked it for. */
static bool
is_held_by_tls(const pgnet_libcurl *libcurl, const struct curl_tlssessioninfo *tls)
{
	if (tls->backend == CURLSSLBACKEND_OPENSSL && libcurl->openssl_pending != NULL)
		return libcurl->openssl_pending(tls->internals) != 0;
	if (tls->backend == CURLSSLBACKEND_GNUTLS && libcurl->gnutls_pending != NULL)
		return libcurl->gnutls_pending(tls->internals) != 0;
	return false;
}

/*
 * Whether nothing waits to be read on a kept connection, not even its end.  What waits would be taken for the answer
 * of the request that is about to be sent.  Of TLS that is every record: which ones are session tickets only the keys
 * can tell, but servers send these before their first answer, so that no kept connection has any.
 *
 * HTTP/2 has frames of the server's own at all times, and answers that name their request.
 */
static bool
is_quiet(const pgnet_guard *guard, const pgnet_socket *entry)
{
	char byte;
	ssize_t length = recv(guard->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	if (length < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK;
	if (entry->multiplexed)
		return length > 0;
	return false;
}

/*
 * Has what the server says from here on watched, for a request that is not to be sent again once an answer has begun.  Of TLS
 * only OpenSSL tells what it is: a server's own words at the end of a connection look like an answer from outside.
 */
static void
watch_answer(pgnet_guard *guard, const struct curl_tlssessioninfo *tls)
{
	const pgnet_libcurl *libcurl = guard->libcurl;
	bool is_openssl = tls != NULL && tls->backend == CURLSSLBACKEND_OPENSSL &&
					  libcurl->openssl_control != NULL &&
					  libcurl->openssl_ctx_set_msg_callback != NULL;

	if (guard->repeatable == 0 && (tls == NULL || is_openssl))
		guard->watch = pgnet_sockets_watch(guard->sockets, guard->socket, libcurl,
										   tls == NULL ? NULL : tls->internals);
}

/* Whether a kept connection may carry the request. */
static bool
is_fit_again(pgnet_guard *guard, const pgnet_socket *entry)
{
	const struct curl_tlssessioninfo *tls;

	if (guard->fresh != 0 || guard->sent > 0 || entry->owner != guard->owner ||
		entry->pool != guard->pool || entry->unclean || !is_quiet(guard, entry))
		return false;
	if (entry->multiplexed)
		return true;
	tls = tls_session(guard);
	if (tls != NULL && is_held_by_tls(guard->libcurl, tls))
		return false;
	watch_answer(guard, tls);
	return true;
}

/* Whether the request may be sent on the connection, whose address is permitted. */
static bool
is_fit(pgnet_guard *guard, const pgnet_connection *connection)
{
	const pgnet_socket *entry;

	guard->socket = -1;
	if (guard->opened > 0)
		guard->socket = pgnet_sockets_find_new(guard->sockets, guard, connection);
	if (guard->socket >= 0)
		return true;
	guard->socket = pgnet_sockets_find_kept(guard->sockets, connection);
	entry = pgnet_sockets_get(guard->sockets, guard->socket);
	if (entry == NULL)
		return guard->fresh !=
			   0; /* libcurl could not read its address, but it can be nobody else's */
	return is_fit_again(guard, entry);
}

static bool
permit_remote(pgnet_guard *guard, const char *remote_address)
{
	pgnet_address address;

	if (remote_address != NULL && pgnet_address_parse(remote_address, &address))
		return permit(guard, &address, remote_address);
	return permit_unknown(guard);
}

/*
 * Judges the connection that is about to be used: by the networks that are denied now, however old it is, and by whose it
 * is and what waits on it.
 */
int
pgnet_guard_request(void *userdata, char *remote_address, char *local_address, int remote_port,
					int local_port)
{
	pgnet_guard *guard = userdata;
	pgnet_connection connection = {.local_address = local_address == NULL ? "" : local_address,
								   .remote_address = remote_address == NULL ? "" : remote_address,
								   .local_port = local_port,
								   .remote_port = remote_port};

	if (!permit_remote(guard, remote_address))
	{
		guard->opened = 0; /* not to be taken for a failure to connect */
		return CURL_PREREQFUNC_ABORT;
	}
	if (guard->sent >= MOST_SENDINGS ||
		(guard->watch != 0 && pgnet_sockets_heard(guard->sockets, guard->socket, guard->watch)))
	{
		guard->answered = 1;
		return CURL_PREREQFUNC_ABORT;
	}
	if (!is_fit(guard, &connection))
	{
		guard->unfit = 1;
		return CURL_PREREQFUNC_ABORT;
	}
	guard->sent++;
	return CURL_PREREQFUNC_OK;
}

/*
 * An answer begins that is not an interim one.  When the server's kernel has not confirmed the whole request by then, the
 * server cannot have read it: the rest may be taken for another request.
 */
void
pgnet_guard_answer_begins(pgnet_guard *guard, bool multiplexed)
{
	pgnet_socket *entry = pgnet_sockets_get(guard->sockets, guard->socket);
	int64_t sent = 0;
	int unconfirmed = 0;

	if (entry == NULL)
		return;
	entry->multiplexed = multiplexed;
	if (multiplexed || guard->body_length < LARGE_BODY)
		return;
	guard->libcurl->easy_getinfo(guard->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
	if (sent < guard->body_length ||
		(ioctl(guard->socket, SIOCOUTQ, &unconfirmed) == 0 && unconfirmed > 0))
		entry->unclean = true;
}

/* A body is declared by an answer that has none: the connection must not carry another request. */
void
pgnet_guard_answer_misleads(pgnet_guard *guard)
{
	pgnet_socket *entry = pgnet_sockets_get(guard->sockets, guard->socket);

	if (entry != NULL && !entry->multiplexed)
		entry->unclean = true;
}
