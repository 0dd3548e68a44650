/*
 * compress.c
 *		Compresses large bodies before they reach the main thread, as PostgreSQL would with LZ4: behind room for the header of
 *		a compressed varlena.
 *
 * LZ4's function is that of the library which the server itself is linked with; its prototype is in lz4.h.
 */
#include "store/compress.h"
#include "shared/compat.h"

#include <dlfcn.h>

#include "access/toast_compression.h"
#include "access/toast_internals.h"
#include "utils/memutils.h"

#define ROOM VARHDRSZ_COMPRESSED

typedef int (*Lz4CompressDefault)(const char *source, char *destination, int source_size,
								  int destination_capacity);

/* The function of the server's LZ4, NULL when it was built without. */
static Lz4CompressDefault
lz4(void)
{
#ifdef USE_LZ4
	return (Lz4CompressDefault) dlsym(RTLD_DEFAULT, "LZ4_compress_default");
#else
	return NULL;
#endif
}

/*
 * The bytes, compressed, in memory of malloc(3), with the length of all of it; NULL and 0 when there is no LZ4, no memory, or
 * nothing is gained. Any thread.
 */
char *
pgnet_compress(const char *bytes, int64 length, int64 *compressed_length)
{
	Lz4CompressDefault compress = lz4();
	int capacity = length - ROOM; /* what does not fit gains nothing */
	char *block;
	char *shrunk;
	int size;

	*compressed_length = 0;
	if (compress == NULL || length > MaxAllocSize || capacity <= 0)
		return NULL;
	block = malloc(ROOM + capacity);
	if (block == NULL)
		return NULL;
	size = compress(bytes, block + ROOM, length, capacity);
	if (size <= 0)
	{
		free(block);
		return NULL;
	}
	*compressed_length = ROOM + size;
	shrunk = realloc(block, *compressed_length);
	return shrunk != NULL ? shrunk : block;
}

/* What pgnet_compress() made of so many bytes, as a value that PostgreSQL can store. */
struct varlena *
pgnet_compressed_varlena(char *compressed, int64 compressed_length, int64 length)
{
	SET_VARSIZE_COMPRESSED(compressed, compressed_length);
	TOAST_COMPRESS_SET_SIZE_AND_COMPRESS_METHOD(compressed, length, TOAST_LZ4_COMPRESSION_ID);
	return (struct varlena *) compressed;
}
