/*
 * setting_texts.h
 *		What the texts of settings mean: their checks, and the lists in them.
 */
#ifndef PGNET_SETTING_TEXTS_H
#define PGNET_SETTING_TEXTS_H

#include "postgres.h"
#include "utils/guc.h"

extern bool pgnet_check_interval(char **newval, void **extra, GucSource source);
extern bool pgnet_check_database_name(char **newval, void **extra, GucSource source);
extern bool pgnet_check_jvm_options(char **newval, void **extra, GucSource source);
extern bool pgnet_check_allowed_hosts(char **newval, void **extra, GucSource source);
extern bool pgnet_check_denied_networks(char **newval, void **extra, GucSource source);
extern bool pgnet_check_proxy(char **newval, void **extra, GucSource source);

#endif /* PGNET_SETTING_TEXTS_H */
