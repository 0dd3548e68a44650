/*
 * decoder.c
 *	  Decodes a body as it arrives: gzip, deflate, br and zstd.
 *
 * libcurl decodes too, but fails a transfer whose body is not in the coding that
 * it is said to have, and then nobody has the body as it came.  The libraries are
 * those that libcurl is linked with; a coding whose library is not there is not
 * decoded.  The prototypes are in zlib.h, brotli/decode.h and zstd.h.
 */
#include "sink/decoder.h"
#include "guard/ascii.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* zlib.h; the names of the struct's fields are zlib's */
typedef struct z_stream
{
	const unsigned char *next_in;
	unsigned int avail_in;
	unsigned long total_in;
	unsigned char *next_out;
	unsigned int avail_out;
	unsigned long total_out;
	const char *msg;
	void *state;
	void *zalloc;
	void *zfree;
	void *opaque;
	int data_type;
	unsigned long adler;
	unsigned long reserved;
} z_stream;

#define Z_OK 0
#define Z_STREAM_END 1
#define Z_BUF_ERROR (-5)
#define GZIP_OR_ZLIB (15 + 32)
#define WITHOUT_HEADER (-15)
#define GZIP_MAGIC 0x1f

static int (*inflate_init)(z_stream *, int, const char *, int);
static int (*inflate)(z_stream *, int);
static int (*inflate_reset)(z_stream *);
static int (*inflate_reset2)(z_stream *, int);
static int (*inflate_end)(z_stream *);

/* brotli/decode.h */
#define BROTLI_ERROR 0
#define BROTLI_SUCCESS 1

static void *(*brotli_create)(void *, void *, void *);
static int (*brotli_decode)(void *, size_t *, const char **, size_t *, char **, size_t *);
static void (*brotli_destroy)(void *);

/* zstd.h */
typedef struct zstd_in
{
	const void *src;
	size_t size;
	size_t pos;
} zstd_in;

typedef struct zstd_out
{
	void *dst;
	size_t size;
	size_t pos;
} zstd_out;

#define ZSTD_WINDOW_LOG_MAX 100
#define WINDOW_LOG 23 /* 8 MB, the most that a sender may ask of the coding zstd: RFC 9659 */

static void *(*zstd_create)(void);
static size_t (*zstd_set)(void *, int, int);
static size_t (*zstd_decode)(void *, zstd_out *, zstd_in *);
static unsigned (*zstd_is_error)(size_t);
static size_t (*zstd_destroy)(void *);

struct pgnet_decoder
{
	bool (*take)(pgnet_decoder *, pgnet_decoder_step *);
	void (*end)(pgnet_decoder *);
	z_stream zlib;
	void *state;
	bool begun;
	bool complete;
};

/* A function of a library, NULL when there is none. */
static void *
look_up(const char *library, const char *function)
{
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);

	return handle == NULL ? NULL : dlsym(handle, function);
}

static bool
load_zlib(void)
{
	if (inflate_end != NULL)
		return true;
	inflate_init = look_up("libz.so.1", "inflateInit2_");
	inflate = look_up("libz.so.1", "inflate");
	inflate_reset = look_up("libz.so.1", "inflateReset");
	inflate_reset2 = look_up("libz.so.1", "inflateReset2");
	inflate_end = look_up("libz.so.1", "inflateEnd");
	return inflate_end != NULL;
}

/* Goes on behind the end of a member: with the next one, or over what is none. */
static void
begin_next_member(pgnet_decoder *decoder, pgnet_decoder_step *step)
{
	if (step->in_left > 0 && (unsigned char) step->in[0] == GZIP_MAGIC)
	{
		inflate_reset(&decoder->zlib);
		decoder->complete = false;
	}
	else
	{
		step->in += step->in_left;
		step->in_left = 0;
	}
}

/* One call of inflate(). */
static int
inflate_some(pgnet_decoder *decoder, pgnet_decoder_step *step)
{
	z_stream *zlib = &decoder->zlib;
	unsigned int in = step->in_left > INT32_MAX ? INT32_MAX : (unsigned int) step->in_left;
	unsigned int out = step->out_left > INT32_MAX ? INT32_MAX : (unsigned int) step->out_left;
	int result;

	zlib->next_in = (const unsigned char *) step->in;
	zlib->avail_in = in;
	zlib->next_out = (unsigned char *) step->out;
	zlib->avail_out = out;
	result = inflate(zlib, 0);
	step->in += in - zlib->avail_in;
	step->in_left -= in - zlib->avail_in;
	step->out += out - zlib->avail_out;
	step->out_left -= out - zlib->avail_out;
	return result;
}

/* gzip of any number of members; deflate with zlib's header, or without as some servers send it. */
static bool
take_zlib(pgnet_decoder *decoder, pgnet_decoder_step *step)
{
	pgnet_decoder_step begin = *step;
	int result;

	if (decoder->complete)
	{
		begin_next_member(decoder, step);
		if (decoder->complete)
			return true;
	}
	result = inflate_some(decoder, step);
	if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR && !decoder->begun &&
		(unsigned char) begin.in[0] != GZIP_MAGIC &&
		inflate_reset2(&decoder->zlib, WITHOUT_HEADER) == Z_OK)
	{
		*step = begin;
		result = inflate_some(decoder, step);
	}
	decoder->begun = true;
	decoder->complete = result == Z_STREAM_END;
	return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR;
}

static void
end_zlib(pgnet_decoder *decoder)
{
	inflate_end(&decoder->zlib);
}

static bool
create_zlib(pgnet_decoder *decoder)
{
	decoder->take = take_zlib;
	decoder->end = end_zlib;
	return load_zlib() &&
		   inflate_init(&decoder->zlib, GZIP_OR_ZLIB, "1", (int) sizeof(z_stream)) == Z_OK;
}

static bool
take_brotli(pgnet_decoder *decoder, pgnet_decoder_step *step)
{
	int result;

	if (decoder->complete)
	{
		step->in += step->in_left;
		step->in_left = 0;
		return true;
	}
	result =
		brotli_decode(decoder->state, &step->in_left, &step->in, &step->out_left, &step->out, NULL);
	decoder->complete = result == BROTLI_SUCCESS;
	return result != BROTLI_ERROR;
}

static void
end_brotli(pgnet_decoder *decoder)
{
	brotli_destroy(decoder->state);
}

static bool
create_brotli(pgnet_decoder *decoder)
{
	decoder->take = take_brotli;
	decoder->end = end_brotli;
	brotli_create = look_up("libbrotlidec.so.1", "BrotliDecoderCreateInstance");
	brotli_decode = look_up("libbrotlidec.so.1", "BrotliDecoderDecompressStream");
	brotli_destroy = look_up("libbrotlidec.so.1", "BrotliDecoderDestroyInstance");
	decoder->state = brotli_create == NULL ? NULL : brotli_create(NULL, NULL, NULL);
	return decoder->state != NULL;
}

static bool
take_zstd(pgnet_decoder *decoder, pgnet_decoder_step *step)
{
	zstd_in in = {step->in, step->in_left, 0};
	zstd_out out = {step->out, step->out_left, 0};
	size_t result = zstd_decode(decoder->state, &out, &in);

	step->in += in.pos;
	step->in_left -= in.pos;
	step->out += out.pos;
	step->out_left -= out.pos;
	decoder->complete = result == 0;
	return !zstd_is_error(result);
}

static void
end_zstd(pgnet_decoder *decoder)
{
	zstd_destroy(decoder->state);
}

static bool
create_zstd(pgnet_decoder *decoder)
{
	decoder->take = take_zstd;
	decoder->end = end_zstd;
	zstd_create = look_up("libzstd.so.1", "ZSTD_createDCtx");
	zstd_set = look_up("libzstd.so.1", "ZSTD_DCtx_setParameter");
	zstd_decode = look_up("libzstd.so.1", "ZSTD_decompressStream");
	zstd_is_error = look_up("libzstd.so.1", "ZSTD_isError");
	zstd_destroy = look_up("libzstd.so.1", "ZSTD_freeDCtx");
	decoder->state = zstd_create == NULL ? NULL : zstd_create();
	if (decoder->state != NULL)
		zstd_set(decoder->state, ZSTD_WINDOW_LOG_MAX, WINDOW_LOG);
	return decoder->state != NULL;
}

static const struct
{
	const char *name;
	bool (*create)(pgnet_decoder *);
} codings[] = {
	{"gzip", create_zlib}, {"x-gzip", create_zlib}, {"deflate", create_zlib},
	{"br", create_brotli}, {"zstd", create_zstd},
};

/* A decoder of the coding of this name, in any case; NULL when there is none. */
pgnet_decoder *
pgnet_decoder_create(const char *coding, size_t length)
{
	for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++)
	{
		pgnet_decoder *decoder;

		if (strlen(codings[i].name) != length ||
			!pgnet_ascii_equal(coding, codings[i].name, length))
			continue;
		decoder = calloc(1, sizeof(pgnet_decoder));
		if (decoder != NULL && codings[i].create(decoder))
			return decoder;
		free(decoder);
		return NULL;
	}
	return NULL;
}

/*
 * Decodes until the input is used up or the room for the output is.  False when
 * the input is not in the coding; the decoder is only good to be destroyed then.
 */
bool
pgnet_decoder_take(pgnet_decoder *decoder, pgnet_decoder_step *step)
{
	return decoder->take(decoder, step);
}

/* Whether the coded bytes were all that there should be. */
bool
pgnet_decoder_is_complete(const pgnet_decoder *decoder)
{
	return decoder->complete;
}

void
pgnet_decoder_destroy(pgnet_decoder *decoder)
{
	if (decoder == NULL)
		return;
	decoder->end(decoder);
	free(decoder);
}
