/*
 * control.h
 *		Whether a worker serves this session's database.
 */
#ifndef PGNET_CONTROL_H
#define PGNET_CONTROL_H

#include "postgres.h"

extern bool pgnet_serves_this_database(void);
extern char *pgnet_hint_to_serve_this_database(void);

#endif /* PGNET_CONTROL_H */
