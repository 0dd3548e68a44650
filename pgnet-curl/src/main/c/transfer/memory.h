/*
 * memory.h
 *	  libcurl's memory, of which a thread that runs transfers keeps what it frees.
 */
#ifndef PGNET_MEMORY_H
#define PGNET_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* For curl_global_init_mem(3) */
extern void *pgnet_memory_malloc(size_t size);
extern void *pgnet_memory_calloc(size_t count, size_t size);
extern void *pgnet_memory_realloc(void *block, size_t size);
extern char *pgnet_memory_strdup(const char *text);
extern void pgnet_memory_free(void *block);

/* Between these two this thread keeps what libcurl frees, and has it again; true when no other thread does */
extern bool pgnet_memory_begin(void);
extern void pgnet_memory_end(bool begun);

#endif /* PGNET_MEMORY_H */
