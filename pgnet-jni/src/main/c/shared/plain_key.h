/*
 * plain_key.h
 *		Whether a table has one index, and that is a plain key.
 */
#ifndef PGNET_PLAIN_KEY_H
#define PGNET_PLAIN_KEY_H

#include "postgres.h"

#include "access/attnum.h"
#include "utils/relcache.h"

extern Oid pgnet_plain_key(Relation table, AttrNumber column);

#endif /* PGNET_PLAIN_KEY_H */
