/*
 * settings.h
 *		The settings of pg_net.*, as docs/settings describes them.
 */
#ifndef PGNET_SETTINGS_H
#define PGNET_SETTINGS_H

#include "postgres.h"
#include "nodes/pg_list.h"

extern int pgnet_batch_size;
extern int pgnet_max_connections_per_host;
extern int pgnet_max_response_size_kb;
extern int pgnet_max_response_memory_kb;
extern int64 pgnet_ttl_micros;
extern char *pgnet_database_name;
extern char *pgnet_username;
extern char *pgnet_ca_bundle;
extern char *pgnet_allowed_hosts;
extern char *pgnet_denied_networks;
extern char *pgnet_proxy;
extern char *pgnet_libjvm;
extern char *pgnet_jvm_options;

extern void pgnet_define_settings(void);
extern List *pgnet_database_names(void);
extern List *pgnet_split_jvm_options(const char *options);

#endif /* PGNET_SETTINGS_H */
