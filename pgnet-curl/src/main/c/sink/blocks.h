/*
 * blocks.h
 *	  Memory for large bodies, kept for the next ones.
 *
 * malloc(3) gives large blocks back to the kernel and takes them from it anew,
 * page by page and each page cleared, which costs more than to receive what goes
 * into them.  Any thread.
 */
#ifndef PGNET_BLOCKS_H
#define PGNET_BLOCKS_H

#include <stddef.h>

/* No more bytes than this are kept */
#define PGNET_BLOCKS_KEPT_TOTAL ((size_t) 32 * 1024 * 1024)

extern void *pgnet_block_take(size_t size);
extern void pgnet_block_keep(void *block);
extern void pgnet_blocks_free(void);

#endif /* PGNET_BLOCKS_H */
