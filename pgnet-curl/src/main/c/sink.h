/*
 * sink.h
 *	  Memory for one HTTP response as libcurl delivers it.
 *
 * libcurl calls the two callbacks on the thread that runs its multi handle; Java
 * reads the result from the struct below after the transfer.  One struct serves
 * many transfers, one after the other, and no two threads at a time.
 */
#ifndef PGNET_SINK_H
#define PGNET_SINK_H

#include <stddef.h>
#include <stdint.h>

/* Why the sink refused to take more, in pgnet_sink.failure */
#define PGNET_SINK_OK 0
#define PGNET_SINK_BODY_TOO_LARGE 1
#define PGNET_SINK_HEADERS_TOO_LARGE 2
#define PGNET_SINK_OUT_OF_MEMORY 3

/* In pgnet_sink.phase: a block of headers has begun and its blank line has not come */
#define PGNET_SINK_IN_HEADERS 1

/* A body of more bytes than this needs a lease */
#define PGNET_SINK_UNLEASED_BODY ((int64_t) 1024 * 1024)

/*
 * Java reads these fields by offset (org.pgnet.curl.Sink); sink.c asserts the
 * offsets.  Java may take body or headers: it sets the pointer to NULL and frees
 * the memory itself, with free(3).
 *
 * A body that needs a lease pauses its transfer (CURL_WRITEFUNC_PAUSE) and says so
 * in lease_wanted and pause_number.  Java sets leased before it lets the transfer
 * go on.
 */
typedef struct pgnet_sink
{
	char *body; /* malloc'ed; NULL while no byte has arrived */
	int64_t body_length;
	int64_t body_capacity;
	char *headers; /* malloc'ed; lines of the last response */
	int64_t headers_length;
	int64_t headers_capacity;
	int64_t max_body;        /* most body bytes accepted */
	int64_t declared_length; /* Content-Length, -1 when not usable */
	int32_t failure;         /* PGNET_SINK_... */
	int32_t phase;           /* private to sink.c, but for the one below */
	int64_t lease_wanted;    /* most bytes that the body may have in all; when paused */
	int64_t pause_number;    /* the value of *pauses at the pause, 0 before */
	int64_t *pauses;         /* counts the pauses of all sinks of one loop */
	int32_t leased;          /* 1 when there is a lease */
	int32_t coded;           /* 1 when there is a Content-Encoding */
	int64_t lines;           /* header lines so far: of interim responses and trailers too */
	int64_t line_bytes;      /* the bytes of these */
} pgnet_sink;

extern pgnet_sink *pgnet_sink_create(int64_t *pauses);
extern void pgnet_sink_reset(pgnet_sink *sink, int64_t max_body);
extern void pgnet_sink_shrink_body(pgnet_sink *sink);
extern void pgnet_sink_destroy(pgnet_sink *sink);

/* For CURLOPT_HEADERFUNCTION and CURLOPT_WRITEFUNCTION; userdata is a pgnet_sink */
extern size_t pgnet_sink_header(char *line, size_t size, size_t count, void *userdata);
extern size_t pgnet_sink_body(char *data, size_t size, size_t count, void *userdata);

#endif /* PGNET_SINK_H */
