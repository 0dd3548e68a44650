/*
 * served.h
 *		Whether a worker serves this session's database.
 */
#ifndef PGNET_SERVED_H
#define PGNET_SERVED_H

#include "shared/slot.h"

/* Why no worker serves this database: words that can follow a colon, and what to do. */
typedef struct Unserved
{
	const char *reason;
	const char *hint;
} Unserved;

extern WorkerSlot *pgnet_slot_of_this_database(void);
extern bool pgnet_is_unserved(Unserved *why);
extern const char *pgnet_sentence(const char *words);

#endif /* PGNET_SERVED_H */
