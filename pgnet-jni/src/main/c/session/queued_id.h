/*
 * queued_id.h
 *		Which ids requests of the queue have.
 */
#ifndef PGNET_QUEUED_ID_H
#define PGNET_QUEUED_ID_H

#include "postgres.h"

extern bool pgnet_id_is_queued(Oid queue, int64 id);
extern int64 pgnet_next_free_id(Oid queue, Oid sequence);

#endif /* PGNET_QUEUED_ID_H */
