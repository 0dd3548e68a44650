/*
 * scout.h
 *		Finds the databases that * in pg_net.database_name stands for.
 */
#ifndef PGNET_SCOUT_H
#define PGNET_SCOUT_H

#include "postgres.h"

extern long pgnet_send_scout(void);

#endif /* PGNET_SCOUT_H */
