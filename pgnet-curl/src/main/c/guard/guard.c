/*
 * guard.c
 *	  Keeps libcurl from addresses that are denied.
 */
#include "guard/guard.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* From curl/curl.h, so that it is not needed to build */
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

_Static_assert(offsetof(pgnet_guard, denied) == 0, "written by Java");
_Static_assert(offsetof(pgnet_guard, opened) == 8, "read by Java");
_Static_assert(offsetof(pgnet_guard, refused) == 12, "read by Java");
_Static_assert(offsetof(pgnet_guard, asked) == 16, "read by Java");
_Static_assert(offsetof(pgnet_guard, address) == 20, "read by Java");
_Static_assert(offsetof(pgnet_guard, network) == 66, "read by Java");
_Static_assert(sizeof(pgnet_guard) == 120, "allocated by Java");

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

	(void) purpose;
	if (!permit_socket(guard, address))
		return CURL_SOCKET_BAD;
	guard->opened++;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Judges the connection that is about to be used by the networks that are denied now, however old it is. */
int
pgnet_guard_request(void *userdata, char *remote_address, char *local_address, int remote_port,
					int local_port)
{
	pgnet_guard *guard = userdata;
	pgnet_address address;
	bool permitted;

	(void) local_address;
	(void) remote_port;
	(void) local_port;
	guard->asked++;
	if (remote_address != NULL && pgnet_address_parse(remote_address, &address))
		permitted = permit(guard, &address, remote_address);
	else
		permitted = permit_unknown(guard);
	if (permitted)
		return CURL_PREREQFUNC_OK;
	guard->opened = 0; /* not to be taken for a failure to connect */
	return CURL_PREREQFUNC_ABORT;
}
