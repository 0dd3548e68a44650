/*
 * settings.h
 *		The settings of pg_net.*: what C reads of them, and all that the worker's Java side gets.
 */
#ifndef PGNET_SETTINGS_H
#define PGNET_SETTINGS_H

#include "postgres.h"
#include "nodes/pg_list.h"

extern char *pgnet_database_name;
extern char *pgnet_username;
extern int pgnet_idle_stop; /* in seconds, 0 for never */
extern int pgnet_callback_workers;
extern int pgnet_callback_timeout; /* in seconds */
extern int64 pgnet_dead_letter_ttl_micros;
extern char *pgnet_allowed_hosts;
extern char *pgnet_default_policy;
extern char *pgnet_libjvm;
extern char *pgnet_jvm_options;

/* the worker of a database that * stands for ends when it is idle, that of one that is named does not */
#define IDLE_STOP_BY_LIST (-1)

extern void pgnet_define_settings(void);
extern const char *pgnet_next_worker_setting(int *position, char **value);

/* setting_texts.c */
extern List *pgnet_database_names(bool *all);
extern List *pgnet_split_jvm_options(const char *options);

#endif /* PGNET_SETTINGS_H */
