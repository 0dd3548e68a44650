/*
 * dead_letters.h
 *		What a session does with dead letters, and with callbacks that wait. All needs an SPI connection, and is about what the
 *		caller can see.
 */
#ifndef PGNET_DEAD_LETTERS_H
#define PGNET_DEAD_LETTERS_H

#include "postgres.h"
#include "datatype/timestamp.h"

typedef enum Revival
{
	NOTHING_TO_REVIVE,
	REVIVED,
	ID_IS_TAKEN /* by another request, so nothing was done */
} Revival;

extern Revival pgnet_revive(Datum id, TimestampTz due);
extern bool pgnet_discard_dead(Datum id);
extern bool pgnet_discard_callback(Datum id);

#endif /* PGNET_DEAD_LETTERS_H */
