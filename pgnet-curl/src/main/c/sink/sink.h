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

#include "guard/guard.h"

/* Why the sink refused to take more, in pgnet_sink.failure */
#define PGNET_SINK_OK 0
#define PGNET_SINK_BODY_TOO_LARGE 1
#define PGNET_SINK_HEADERS_TOO_LARGE 2
#define PGNET_SINK_OUT_OF_MEMORY 3
#define PGNET_SINK_NOT_IN_ITS_CODING 4 /* and not kept as it came either */
#define PGNET_SINK_FIRST_HEADER_FOLDED 5

/* In pgnet_sink.phase: a block of headers has begun and its blank line has not come */
#define PGNET_SINK_IN_HEADERS 1

/* A body of more bytes than this needs a lease */
#define PGNET_SINK_UNLEASED_BODY ((int64_t) 1024 * 1024)

/*
 * The first lease is for no more bytes than this, and each further one for twice as many as the one before: a server that
 * promises much and sends little takes no memory from others.
 */
#define PGNET_SINK_FIRST_LEASE ((int64_t) 4 * 1024 * 1024)

/* However many there are, a body of no more bytes than this never needs one: libcurl's own buffers take as much */
#define PGNET_SINK_SMALL_BODY ((int64_t) 16 * 1024)

/* What a callback returns to wait for a lease: CURL_WRITEFUNC_PAUSE of curl/curl.h, part of libcurl's ABI */
#define CURL_WRITEFUNC_PAUSE 0x10000001

/* The longest name of a coding that is undone, and more */
#define PGNET_SINK_CODING 8

/* The body begins so many bytes after its block does: room for a header of whoever takes it, who then need not copy it */
#define PGNET_SINK_ROOM 16

/*
 * All others without a lease together take no more bytes than this.  Each may have
 * a part of what is left: so few may be as large as above, and many share.
 */
#define PGNET_SINK_UNLEASED_TOTAL ((int64_t) 32 * 1024 * 1024)
#define PGNET_SINK_UNLEASED_PART 16

/*
 * What the sinks of one loop share.  Its thread alone uses it, also in Java
 * (org.pgnet.curl.SharedSinkState).
 */
typedef struct pgnet_sinks
{
	int64_t pauses;   /* counts the pauses */
	int64_t unleased; /* bytes of bodies without a lease, until they are freed */
} pgnet_sinks;

typedef struct pgnet_coded_body pgnet_coded_body;

/*
 * Java reads these fields by offset (org.pgnet.curl.Sink); sink.c asserts the
 * offsets.  Java may take body or headers: it sets the pointer to NULL and frees
 * the memory itself, with free(3); a leased body it may keep (blocks.h).  With the
 * body it takes counted, sets it to 0, and subtracts it from shared->unleased when
 * it has freed the body.
 *
 * A body that needs a lease, or a larger one, pauses its transfer (CURL_WRITEFUNC_PAUSE)
 * and says so in lease_wanted, lease_total and pause_number.  Java sets leased, and
 * pause_number to 0, before it lets the transfer go on.
 */
typedef struct pgnet_sink
{
	char *body; /* malloc'ed, the room before it included; NULL while no byte has arrived */
	int64_t body_length;
	int64_t body_capacity; /* without the room */
	char *headers;         /* malloc'ed; lines of the last response */
	int64_t headers_length;
	int64_t headers_capacity;
	int64_t max_body;        /* most body bytes accepted */
	int64_t declared_length; /* Content-Length, -1 when not usable */
	int32_t failure;         /* PGNET_SINK_... */
	int32_t phase;           /* private to sink.c, but for the one below */
	int64_t lease_wanted;    /* how many bytes must be leased for the body to go on; when paused */
	int64_t pause_number;    /* the count of pauses at the pause, 0 when not paused */
	pgnet_sinks *shared;     /* outlives the sink */
	int64_t leased;          /* how many bytes are leased, 0 before */
	int64_t lines;           /* header lines so far: of interim responses and trailers too */
	int64_t line_bytes;      /* the bytes of these */
	int64_t counted;         /* how much of shared->unleased is of this body */
	pgnet_guard *guard;      /* of the same transfer; outlives the sink */
	int64_t status;          /* of the last response */
	int64_t lease_total;     /* most bytes that the body may have in all; when paused */
	int32_t coded;           /* 1 when there is a Content-Encoding */
	int32_t decodes;         /* 1 when the caller wants the body decoded */
	int32_t codings;         /* how many lines of Content-Encoding there are */
	char coding[PGNET_SINK_CODING]; /* the coding, when there is one and it is short */
	pgnet_coded_body *coded_body;   /* NULL while nothing is decoded */
	int32_t place;                  /* these four are private to first_header.c */
	int32_t in_line;                /* 1 when a part of the line has come */
	int32_t has_header;             /* 1 when libcurl has stored a header of this transfer */
	int32_t sending;                /* the guard's count of sendings that the response belongs to */
} pgnet_sink;

extern pgnet_sink *pgnet_sink_create(pgnet_sinks *shared, pgnet_guard *guard);
extern void pgnet_sink_reset(pgnet_sink *sink, int64_t max_body);
extern void pgnet_sink_decode(pgnet_sink *sink);
extern void pgnet_sink_end(pgnet_sink *sink, int32_t whole);
extern void pgnet_sink_shrink_body(pgnet_sink *sink);
extern void pgnet_sink_destroy(pgnet_sink *sink);

/* For coded_body.c */
extern size_t pgnet_sink_append(pgnet_sink *sink, const char *data, size_t length);
extern int64_t pgnet_sink_unleased_limit(const pgnet_sink *sink);
extern void pgnet_sink_recount(pgnet_sink *sink);

/* For CURLOPT_HEADERFUNCTION and CURLOPT_WRITEFUNCTION; userdata is a pgnet_sink */
extern size_t pgnet_sink_header(char *line, size_t size, size_t count, void *userdata);
extern size_t pgnet_sink_body(char *data, size_t size, size_t count, void *userdata);

#endif /* PGNET_SINK_H */
