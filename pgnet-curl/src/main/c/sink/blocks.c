/*
 * blocks.c
 *	  Memory for large bodies, kept for the next ones.
 */
#include "sink/blocks.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

#define MAX_KEPT 32

/* malloc(3) has smaller blocks on its heap, which the kernel need not map anew; the worker sets this limit in jvm.c */
#define SMALLEST_KEPT ((size_t) 256 * 1024)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *kept[MAX_KEPT];
static int kept_count = 0;
static size_t kept_bytes = 0;

/* Takes the block with this index out of those that are kept. */
static void *
take_out(int index)
{
	void *block = kept[index];

	kept_bytes -= malloc_usable_size(block);
	kept[index] = kept[--kept_count];
	return block;
}

/* The index of the smallest block that is large enough, and not larger by more than an eighth; -1 for none. */
static int
find(size_t size)
{
	int best = -1;
	size_t best_size = size + size / 8;

	for (int i = 0; i < kept_count; i++)
	{
		size_t usable = malloc_usable_size(kept[i]);

		if (usable >= size && usable <= best_size)
		{
			best = i;
			best_size = usable;
		}
	}
	return best;
}

/* A block of at least so many bytes, to be freed with free(3) or kept; NULL when there is no memory. */
void *
pgnet_block_take(size_t size)
{
	void *block = NULL;
	int index;

	if (size < SMALLEST_KEPT)
		return malloc(size);
	pthread_mutex_lock(&lock);
	index = find(size);
	if (index >= 0)
		block = take_out(index);
	pthread_mutex_unlock(&lock);
	return block != NULL ? block : malloc(size);
}

/* Keeps a block for the next body, or frees it when it is small or enough are kept. */
void
pgnet_block_keep(void *block)
{
	size_t size = malloc_usable_size(block);

	pthread_mutex_lock(&lock);
	if (size >= SMALLEST_KEPT && kept_count < MAX_KEPT &&
		size <= PGNET_BLOCKS_KEPT_TOTAL - kept_bytes)
	{
		kept[kept_count++] = block;
		kept_bytes += size;
		block = NULL;
	}
	pthread_mutex_unlock(&lock);
	free(block);
}

/* Frees the blocks that are kept. */
void
pgnet_blocks_free(void)
{
	pthread_mutex_lock(&lock);
	while (kept_count > 0)
		free(take_out(kept_count - 1));
	pthread_mutex_unlock(&lock);
}
