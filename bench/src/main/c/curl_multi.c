/*
 * curl_multi.c
 *	  What a C program on libcurl's multi interface reaches: the limit that
 *	  pg_net is measured against.
 *
 *	  cc -O2 -o curl_multi curl_multi.c -lcurl
 *	  curl_multi REQUESTS IN_FLIGHT URL...
 *
 * Sends GETs to the URLs in turn, so many at once, over connections that are
 * kept. Handles are made once and used again; headers and body of each response
 * are kept in memory until its slot takes the next request. Prints seconds from
 * the first request to the last response, seconds of CPU (all threads) in that
 * time, and how many failed.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

typedef struct
{
	char *bytes;
	size_t length;
	size_t capacity;
} buffer;

typedef struct
{
	CURL *easy;
	buffer headers;
	buffer body;
} slot;

/* libcurl's write and header callback: appends to a buffer. */
static size_t
append(char *bytes, size_t size, size_t count, void *destination)
{
	buffer *b = destination;
	size_t length = size * count;

	if (b->length + length > b->capacity)
	{
		b->capacity = 2 * (b->length + length);
		b->bytes = realloc(b->bytes, b->capacity);
		if (b->bytes == NULL)
			return 0;
	}
	memcpy(b->bytes + b->length, bytes, length);
	b->length += length;
	return length;
}

static void
create(slot *s)
{
	s->easy = curl_easy_init();
	curl_easy_setopt(s->easy, CURLOPT_PRIVATE, s);
	curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, append);
	curl_easy_setopt(s->easy, CURLOPT_WRITEDATA, &s->body);
	curl_easy_setopt(s->easy, CURLOPT_HEADERFUNCTION, append);
	curl_easy_setopt(s->easy, CURLOPT_HEADERDATA, &s->headers);
	curl_easy_setopt(s->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(s->easy, CURLOPT_TIMEOUT_MS, 60000L);
}

static void
start(CURLM *multi, slot *s, const char *url)
{
	s->headers.length = 0;
	s->body.length = 0;
	curl_easy_setopt(s->easy, CURLOPT_URL, url);
	curl_multi_add_handle(multi, s->easy);
}

/* A response counts when all of it came, with status 200. */
static int
failed(const CURLMsg *message)
{
	long status = 0;

	curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
	return message->data.result != CURLE_OK || status != 200;
}

static double
wall_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	long requests, in_flight, started = 0, finished = 0, failures = 0;
	double wall, cpu;
	int urls = argc - 3;
	CURLM *multi;
	slot *slots;

	if (urls < 1)
	{
		fprintf(stderr, "usage: curl_multi REQUESTS IN_FLIGHT URL...\n");
		return 2;
	}
	requests = atol(argv[1]);
	in_flight = atol(argv[2]);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	multi = curl_multi_init();
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, in_flight);
	slots = calloc((size_t) in_flight, sizeof(slot));
	if (multi == NULL || slots == NULL)
		return 1;
	for (long i = 0; i < in_flight; i++)
		create(&slots[i]);

	wall = wall_seconds();
	cpu = cpu_seconds();
	for (; started < in_flight && started < requests; started++)
		start(multi, &slots[started], argv[3 + started % urls]);
	while (finished < requests)
	{
		const CURLMsg *message;
		int running, left;
		long before = finished;

		curl_multi_perform(multi, &running);
		while ((message = curl_multi_info_read(multi, &left)) != NULL)
		{
			CURL *easy = message->easy_handle;
			slot *s;

			failures += failed(message);
			finished++;
			curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **) &s);
			curl_multi_remove_handle(multi, easy);
			if (started < requests)
			{
				start(multi, s, argv[3 + started % urls]);
				started++;
			}
		}
		if (finished == before)
			curl_multi_poll(multi, NULL, 0, 1000, NULL);
	}
	printf("%.6f %.6f %ld\n", wall_seconds() - wall, cpu_seconds() - cpu, failures);
	return 0;
}
