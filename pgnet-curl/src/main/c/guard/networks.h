/*
 * networks.h
 *	  Lists of networks in CIDR notation, IPv4 and IPv6, and whether an address is in one.
 *
 * Knows neither libcurl nor PostgreSQL: the extension checks the setting with it, the
 * worker enforces it.
 */
#ifndef PGNET_NETWORKS_H
#define PGNET_NETWORKS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Holds any address or network as text */
#define PGNET_NETWORK_TEXT_SIZE (INET6_ADDRSTRLEN + sizeof("/128"))

typedef struct pgnet_network
{
	int32_t family; /* AF_INET or AF_INET6 */
	int32_t prefix; /* leading bits that count */
	uint8_t address[16];
} pgnet_network;

/* An address; an IPv6 one that stands for an IPv4 one is both. */
typedef struct pgnet_address
{
	bool has_ipv4;
	bool has_ipv6;
	uint8_t ipv4[4];
	uint8_t ipv6[16];
} pgnet_address;

extern int64_t pgnet_networks_parse(const char *list, pgnet_network *networks, int64_t capacity,
									const char **bad, size_t *bad_length);
extern bool pgnet_address_of_ipv4(const struct in_addr *ipv4, pgnet_address *address);
extern bool pgnet_address_of_ipv6(const struct in6_addr *ipv6, pgnet_address *address);
extern bool pgnet_address_parse(const char *text, pgnet_address *address);
extern const pgnet_network *pgnet_networks_find(const pgnet_network *networks, int64_t count,
												const pgnet_address *address);
extern void pgnet_network_text(const pgnet_network *network,
							   char text[static PGNET_NETWORK_TEXT_SIZE]);

#endif /* PGNET_NETWORKS_H */
