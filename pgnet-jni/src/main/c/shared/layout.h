/*
 * layout.h
 *		Structs and enums that Java knows too. What they hold is listed once, by a macro: FIELDS(FIELD) with a line
 *		FIELD(struct, type, name) for each field, or NAMES(NAME) with a line NAME(name) for each name. The list makes the C
 *		type and, in contract.c, what Java is told when it starts.
 */
#ifndef PGNET_LAYOUT_H
#define PGNET_LAYOUT_H

#include "postgres.h"

/* A field, as a member of its struct. */
#define PGNET_MEMBER(record, type, name) type name;

/* A record begins at a multiple of this, behind what follows the one before it. */
#define PGNET_RECORD_ALIGNMENT 8

#endif /* PGNET_LAYOUT_H */
