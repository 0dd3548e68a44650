/*
 * metadata_networks.h
 *		Where clouds keep their metadata services: the default of pg_net.denied_networks.
 *
 * docs/security.md names the source of each. A network that is added here is added there.
 */
#ifndef PGNET_METADATA_NETWORKS_H
#define PGNET_METADATA_NETWORKS_H

/* all that is link-local, which most clouds use */
#define LINK_LOCAL "169.254.0.0/16, fe80::/10"

#define ALIBABA "100.100.100.200/32, fd00:100::100:200/128"
#define AWS "fd00:ec2::/32"
#define AZURE "168.63.129.16/32"
#define EQUINIX_METAL "192.80.8.124/32"
#define GOOGLE "fd20:ce::254/128"
#define LINODE "fd00:a9fe:a9fe::1/128"
#define ORACLE "192.0.0.192/32, fd00:c1::a9fe:a9fe/128"
#define SCALEWAY "fd00:42::42/128"

#define PGNET_METADATA_NETWORKS                                                            \
	LINK_LOCAL ", " ALIBABA ", " AWS ", " AZURE ", " EQUINIX_METAL ", " GOOGLE ", " LINODE \
			   ", " ORACLE ", " SCALEWAY

#endif /* PGNET_METADATA_NETWORKS_H */
