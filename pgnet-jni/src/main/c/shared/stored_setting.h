/*
 * stored_setting.h
 *		What ALTER DATABASE and ALTER ROLE have set.
 */
#ifndef PGNET_STORED_SETTING_H
#define PGNET_STORED_SETTING_H

#include "postgres.h"

extern char *pgnet_stored_setting(Oid database, Oid role, const char *name);

#endif /* PGNET_STORED_SETTING_H */
