/*
 * queued_id.h
 *		Which ids requests of the queue have.
 */
#ifndef PGNET_QUEUED_ID_H
#define PGNET_QUEUED_ID_H

#include "postgres.h"

extern bool pgnet_id_is_queued(Oid queue, int64 id);

#endif /* PGNET_QUEUED_ID_H */
