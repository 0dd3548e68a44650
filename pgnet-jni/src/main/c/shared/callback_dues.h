/*
 * callback_dues.h
 *		Whose callbacks wait in this database, and when the first of each owner's is due.
 */
#ifndef PGNET_CALLBACK_DUES_H
#define PGNET_CALLBACK_DUES_H

#include "postgres.h"
#include "datatype/timestamp.h"

typedef struct CallbackDue
{
	Oid owner;
	TimestampTz due;
} CallbackDue;

extern CallbackDue *pgnet_callback_dues(int *count);

#endif /* PGNET_CALLBACK_DUES_H */
