/*
 * hash64.h
 *		64 bits of FNV-1a, in which order keys and origins are kept: the same in every process and release, and in Java.
 */
#ifndef PGNET_HASH64_H
#define PGNET_HASH64_H

#include "postgres.h"

/* That of more bytes behind those of a hash. Never 0, which stands for none. */
static inline int64
pgnet_hash64_further(int64 before, const char *bytes, size_t length)
{
	uint64 hash = (uint64) before;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char) bytes[i]) * UINT64CONST(0x100000001b3);
	return hash == 0 ? 1 : (int64) hash;
}

static inline int64
pgnet_hash64(const char *bytes, size_t length)
{
	return pgnet_hash64_further((int64) UINT64CONST(0xcbf29ce484222325), bytes, length);
}

#endif /* PGNET_HASH64_H */
