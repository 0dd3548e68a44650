/*
 * networks.c
 *	  Lists of networks in CIDR notation, IPv4 and IPv6, and whether an address is in one.
 */
#include "guard/networks.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define SEPARATORS ", \t\r\n"

/* 1 to 3 digits, no more than most; -1 for anything else. */
static int
parse_prefix(const char *text, int most)
{
	size_t digits = strspn(text, "0123456789");
	int prefix;

	if (digits == 0 || digits > 3 || text[digits] != '\0')
		return -1;
	prefix = atoi(text);
	return prefix <= most ? prefix : -1;
}

/* Whether all bits after the prefix are 0: a network with others is most likely a mistake. */
static bool
is_whole(const pgnet_network *network)
{
	int bits = network->family == AF_INET ? 32 : 128;

	for (int bit = network->prefix; bit < bits; bit++)
		if (network->address[bit / 8] & (0x80 >> (bit % 8)))
			return false;
	return true;
}

/* IPv4 addresses as IPv6 has them, ::ffff:0:0/96 (RFC 4291, 2.5.5.2). */
static bool
is_mapped(const uint8_t ipv6[16])
{
	static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	return memcmp(ipv6, prefix, sizeof(prefix)) == 0;
}

/* One network; an address without a prefix is a network of its own. */
static bool
parse_network(const char *entry, size_t length, pgnet_network *network)
{
	char text[PGNET_NETWORK_TEXT_SIZE];
	char *slash;
	int bits;

	if (length >= sizeof(text))
		return false;
	memcpy(text, entry, length);
	text[length] = '\0';
	slash = strchr(text, '/');
	if (slash != NULL)
		*slash = '\0';
	memset(network, 0, sizeof(*network));
	network->family = strchr(text, ':') == NULL ? AF_INET : AF_INET6;
	if (inet_pton(network->family, text, network->address) != 1)
		return false;
	bits = network->family == AF_INET ? 32 : 128;
	network->prefix = slash == NULL ? bits : parse_prefix(slash + 1, bits);
	if (network->prefix < 0 || !is_whole(network))
		return false;
	if (network->family == AF_INET6 && network->prefix >= 96 && is_mapped(network->address))
	{
		network->family = AF_INET;
		network->prefix -= 96;
		memmove(network->address, network->address + 12, 4);
		memset(network->address + 4, 0, 12);
	}
	return true;
}

/*
 * Reads networks separated by commas or white space.  Writes the first capacity of
 * them and returns how many there are, or -1 with *bad at the first that is none.
 */
int64_t
pgnet_networks_parse(const char *list, pgnet_network *networks, int64_t capacity, const char **bad,
					 size_t *bad_length)
{
	int64_t count = 0;

	for (list += strspn(list, SEPARATORS); *list != '\0'; list += strspn(list, SEPARATORS))
	{
		size_t length = strcspn(list, SEPARATORS);
		pgnet_network network;

		if (!parse_network(list, length, &network))
		{
			*bad = list;
			*bad_length = length;
			return -1;
		}
		if (count < capacity)
			networks[count] = network;
		count++;
		list += length;
	}
	return count;
}

bool
pgnet_address_of_ipv4(const struct in_addr *ipv4, pgnet_address *address)
{
	*address = (pgnet_address){.has_ipv4 = true};
	memcpy(address->ipv4, ipv4, 4);
	return true;
}

/* Where an IPv6 address of this form holds the IPv4 address that it leads to */
typedef struct embedding
{
	uint8_t prefix[16];
	int prefix_bytes;
	int at;
	bool inverted;
} embedding;

static const embedding embeddings[] = {
	{.prefix = {[10] = 0xff, [11] = 0xff},
	 .prefix_bytes = 12,
	 .at = 12}, /* mapped, RFC 4291 2.5.5.2 */
	{.prefix = {[8] = 0xff, [9] = 0xff},
	 .prefix_bytes = 12,
	 .at = 12},                                                      /* translated, RFC 2765 2.1 */
	{.prefix = {0, 0x64, 0xff, 0x9b}, .prefix_bytes = 12, .at = 12}, /* NAT64, RFC 6052 2.1 */
	{.prefix = {0, 0x64, 0xff, 0x9b, 0, 1}, .prefix_bytes = 6, .at = 12}, /* NAT64, RFC 8215 */
	{.prefix = {0x20, 0x02}, .prefix_bytes = 2, .at = 2},                 /* 6to4, RFC 3056 2 */
	{.prefix = {0x20, 0x01},
	 .prefix_bytes = 4,
	 .at = 12,
	 .inverted = true}, /* Teredo, RFC 4380 4 */
};

/* The IPv4 address that an IPv6 address stands for; false when it stands for none. */
static bool
embedded_ipv4(const uint8_t ipv6[16], uint8_t ipv4[4])
{
	static const uint8_t zeros[12];

	/* IPv4-compatible addresses (RFC 4291, 2.5.5.1), but for :: and ::1 */
	if (memcmp(ipv6, zeros, 12) == 0 && memcmp(ipv6 + 12, zeros, 3) != 0)
	{
		memcpy(ipv4, ipv6 + 12, 4);
		return true;
	}
	for (size_t i = 0; i < sizeof(embeddings) / sizeof(embeddings[0]); i++)
	{
		const embedding *form = &embeddings[i];

		if (memcmp(ipv6, form->prefix, (size_t) form->prefix_bytes) != 0)
			continue;
		for (int byte = 0; byte < 4; byte++)
			ipv4[byte] = (uint8_t) (ipv6[form->at + byte] ^ (form->inverted ? 0xff : 0));
		return true;
	}
	return false;
}

/* An address that leads to an IPv4 one, by translation or a tunnel, is that one too. */
bool
pgnet_address_of_ipv6(const struct in6_addr *ipv6, pgnet_address *address)
{
	*address = (pgnet_address){.has_ipv6 = true};
	memcpy(address->ipv6, ipv6->s6_addr, 16);
	address->has_ipv4 = embedded_ipv4(address->ipv6, address->ipv4);
	return true;
}

/* An address as inet_pton(3) takes it, with or without a zone; false when it is none. */
bool
pgnet_address_parse(const char *text, pgnet_address *address)
{
	char plain[INET6_ADDRSTRLEN];
	size_t length = strcspn(text, "%");
	struct in_addr ipv4;
	struct in6_addr ipv6;

	if (length >= sizeof(plain))
		return false;
	memcpy(plain, text, length);
	plain[length] = '\0';
	if (inet_pton(AF_INET, plain, &ipv4) == 1)
		return pgnet_address_of_ipv4(&ipv4, address);
	return inet_pton(AF_INET6, plain, &ipv6) == 1 && pgnet_address_of_ipv6(&ipv6, address);
}

/* Whether the first prefix bits are the same. */
static bool
contains(const pgnet_network *network, const uint8_t *bytes)
{
	int whole = network->prefix / 8;
	int rest = network->prefix % 8;

	if (memcmp(network->address, bytes, (size_t) whole) != 0)
		return false;
	return rest == 0 || ((network->address[whole] ^ bytes[whole]) >> (8 - rest)) == 0;
}

static const pgnet_network *
find(const pgnet_network *networks, int64_t count, int family, const uint8_t *bytes)
{
	for (int64_t i = 0; i < count; i++)
		if (networks[i].family == family && contains(&networks[i], bytes))
			return &networks[i];
	return NULL;
}

/*
 * The first network that the address is in, or NULL.  The unspecified addresses
 * 0.0.0.0 and :: lead to this machine, so they are its loopback addresses too.
 */
const pgnet_network *
pgnet_networks_find(const pgnet_network *networks, int64_t count, const pgnet_address *address)
{
	static const uint8_t unspecified[16];
	static const uint8_t loopback_ipv4[4] = {127, 0, 0, 1};
	static const uint8_t loopback_ipv6[16] = {[15] = 1};
	const pgnet_network *found = NULL;

	if (address->has_ipv4)
	{
		found = find(networks, count, AF_INET, address->ipv4);
		if (found == NULL && memcmp(address->ipv4, unspecified, 4) == 0)
			found = find(networks, count, AF_INET, loopback_ipv4);
	}
	if (found == NULL && address->has_ipv6)
	{
		found = find(networks, count, AF_INET6, address->ipv6);
		if (found == NULL && memcmp(address->ipv6, unspecified, 16) == 0)
			found = find(networks, count, AF_INET6, loopback_ipv6);
	}
	return found;
}

/* In CIDR notation. */
void
pgnet_network_text(const pgnet_network *network, char text[static PGNET_NETWORK_TEXT_SIZE])
{
	char address[INET6_ADDRSTRLEN] = "";

	inet_ntop(network->family, network->address, address, sizeof(address));
	snprintf(text, PGNET_NETWORK_TEXT_SIZE, "%s/%d", address, (int) network->prefix);
}
