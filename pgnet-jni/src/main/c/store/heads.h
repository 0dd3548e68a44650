/*
 * heads.h
 *		The first request of each order key.
 */
#ifndef PGNET_HEADS_H
#define PGNET_HEADS_H

#include "postgres.h"

typedef struct OrderKey
{
	Oid owner;
	int64 key;
	bool found;
	int64 head; /* the first request, if one was found */
} OrderKey;

extern void pgnet_note_keyed(Oid owner, int64 key, int64 id);
extern void pgnet_find_heads(OrderKey *keys, int count);
extern int pgnet_compare_order_keys(const void *left, const void *right);
extern bool pgnet_look_for_heads(OrderKey *keys, int count);

#endif /* PGNET_HEADS_H */
