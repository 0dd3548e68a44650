/*
 * memory.c
 *	  libcurl's memory, of which a thread that runs transfers keeps what it frees.
 *
 * A transfer allocates some thirty blocks, more of a size than malloc(3) keeps for a thread, and two that are too large for
 * that.  Without this each of these is a search under a lock, which the backend's thread wants too.
 */
#include "transfer/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CLASSES 6
#define NO_CLASS CLASSES

/* With a header it is still a size */
#define MOST ((size_t) PTRDIFF_MAX)

/* Before each block, so that it is aligned as malloc(3) aligns */
typedef struct header
{
	_Alignas(max_align_t) size_t class;
} header;

typedef struct block
{
	struct block *next;
} block;

/* How many bytes a block of the class has, and how many blocks are kept at most: 2.5 MB together */
static const size_t sizes[CLASSES] = {48, 112, 240, 1008, 2032, 16400};
static const int most[CLASSES] = {4096, 2048, 512, 256, 256, 64};

static block *kept[CLASSES];
static int counts[CLASSES];

/* The only thread that may touch these, 0 for none */
static _Atomic(pthread_t) keeper;

static bool
keeps(void)
{
	return atomic_load_explicit(&keeper, memory_order_relaxed) == pthread_self();
}

bool
pgnet_memory_begin(void)
{
	pthread_t nobody = 0;

	return atomic_compare_exchange_strong_explicit(&keeper, &nobody, pthread_self(),
												   memory_order_acquire, memory_order_relaxed);
}

void
pgnet_memory_end(bool begun)
{
	if (begun)
		atomic_store_explicit(&keeper, 0, memory_order_release);
}

static size_t
class_of(size_t size)
{
	size_t class = 0;

	while (class < CLASSES && size > sizes[class])
		class ++;
	return class;
}

void *
pgnet_memory_malloc(size_t size)
{
	size_t class = class_of(size);
	header *new;

	if (class != NO_CLASS && keeps() && kept[class] != NULL)
	{
		block *first = kept[class];

		kept[class] = first->next;
		counts[class]--;
		return first;
	}
	if (size > MOST)
		return NULL;
	new = malloc(sizeof(header) + (class == NO_CLASS ? size : sizes[class]));
	if (new == NULL)
		return NULL;
	new->class = class;
	return new + 1;
}

void
pgnet_memory_free(void *memory)
{
	header *old = (header *) memory - 1;

	if (memory == NULL)
		return;
	if (old->class != NO_CLASS && keeps() && counts[old->class] < most[old->class])
	{
		block *freed = memory;

		freed->next = kept[old->class];
		kept[old->class] = freed;
		counts[old->class]++;
		return;
	}
	free(old);
}

void *
pgnet_memory_calloc(size_t count, size_t size)
{
	size_t bytes;
	void *block;

	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	block = pgnet_memory_malloc(bytes);
	return block == NULL ? NULL : memset(block, 0, bytes);
}

void *
pgnet_memory_realloc(void *memory, size_t size)
{
	header *old = (header *) memory - 1;
	void *new;

	if (memory == NULL)
		return pgnet_memory_malloc(size);
	if (old->class == NO_CLASS && class_of(size) == NO_CLASS)
	{
		old = size > MOST ? NULL : realloc(old, sizeof(header) + size);
		return old == NULL ? NULL : old + 1;
	}
	if (old->class != NO_CLASS && size <= sizes[old->class])
		return memory;
	new = pgnet_memory_malloc(size);
	if (new == NULL)
		return NULL;
	memcpy(new, memory, old->class == NO_CLASS ? size : sizes[old->class]);
	pgnet_memory_free(memory);
	return new;
}

char *
pgnet_memory_strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	void *copy = pgnet_memory_malloc(size);

	return copy == NULL ? NULL : memcpy(copy, text, size);
}
