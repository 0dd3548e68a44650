/*
 * database_watch.h
 *		Statements about databases and roles that concern the workers.
 */
#ifndef PGNET_DATABASE_WATCH_H
#define PGNET_DATABASE_WATCH_H

extern void pgnet_install_database_watch(void);

#endif /* PGNET_DATABASE_WATCH_H */
