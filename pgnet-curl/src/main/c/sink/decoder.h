/*
 * decoder.h
 *	  Decodes a body as it arrives: gzip, deflate, br and zstd.
 */
#ifndef PGNET_DECODER_H
#define PGNET_DECODER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct pgnet_decoder pgnet_decoder;

/* What a step reads and writes; it moves the pointers and takes off the lengths. */
typedef struct pgnet_decoder_step
{
	const char *in;
	size_t in_left;
	char *out;
	size_t out_left;
} pgnet_decoder_step;

extern pgnet_decoder *pgnet_decoder_create(const char *coding, size_t length);
extern bool pgnet_decoder_take(pgnet_decoder *decoder, pgnet_decoder_step *step);
extern bool pgnet_decoder_is_complete(const pgnet_decoder *decoder);
extern void pgnet_decoder_destroy(pgnet_decoder *decoder);

#endif /* PGNET_DECODER_H */
