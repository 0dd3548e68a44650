/*
 * owner_search_path.h
 *		Where the worker's session looks for names without a schema.
 */
#ifndef PGNET_OWNER_SEARCH_PATH_H
#define PGNET_OWNER_SEARCH_PATH_H

#include "postgres.h"

extern void pgnet_note_configured_search_path(void);
extern void pgnet_note_search_path_of_session(void);
extern void pgnet_use_search_path_of(Oid owner);

#endif /* PGNET_OWNER_SEARCH_PATH_H */
