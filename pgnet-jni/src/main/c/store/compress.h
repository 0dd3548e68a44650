/*
 * compress.h
 *		Compresses large bodies before they reach the main thread.
 */
#ifndef PGNET_COMPRESS_H
#define PGNET_COMPRESS_H

#include "postgres.h"

extern char *pgnet_compress(const char *bytes, int64 length, int64 *compressed_length);
extern struct varlena *pgnet_compressed_varlena(char *compressed, int64 compressed_length,
												int64 length);

#endif /* PGNET_COMPRESS_H */
