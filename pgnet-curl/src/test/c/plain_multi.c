/*
 * plain_multi.c
 *	  What a plain C program on curl_multi reaches, to compare Throughput.java with:
 *	  cc -O2 -I../../main/c plain_multi.c ../../main/c/sink.c -lcurl -o plain_multi
 *	  plain_multi URL REQUESTS IN_FLIGHT
 *
 * Does per request what the Java side must do: sets URL, headers and timeout,
 * keeps headers and body in memory, reads status and times.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sink.h"

typedef struct
{
	CURL *easy;
	pgnet_sink *sink;
	struct curl_slist *headers;
} slot;

static char error_text[CURL_ERROR_SIZE];
static int64_t pauses;

/* Sets the options of one request and starts it. */
static void
start(CURLM *multi, slot *s, const char *url)
{
	pgnet_sink_reset(s->sink, 64 << 20);
	curl_easy_setopt(s->easy, CURLOPT_URL, url);
	curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, s->headers);
	curl_easy_setopt(s->easy, CURLOPT_TIMEOUT_MS, 5000L);
	curl_multi_add_handle(multi, s->easy);
}

/* Makes one easy handle. */
static void
create(slot *s)
{
	s->easy = curl_easy_init();
	s->sink = pgnet_sink_create(&pauses);
	s->headers = curl_slist_append(NULL, "User-Agent: pg_net/1.0.0");
	curl_easy_setopt(s->easy, CURLOPT_ERRORBUFFER, error_text);
	curl_easy_setopt(s->easy, CURLOPT_HEADERFUNCTION, pgnet_sink_header);
	curl_easy_setopt(s->easy, CURLOPT_HEADERDATA, s->sink);
	curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, pgnet_sink_body);
	curl_easy_setopt(s->easy, CURLOPT_WRITEDATA, s->sink);
	curl_easy_setopt(s->easy, CURLOPT_PRIVATE, s);
	curl_easy_setopt(s->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(s->easy, CURLOPT_PROTOCOLS_STR, "http,https");
}

/* A clock in seconds. */
static double
now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	long requests, started = 0, finished = 0, failed = 0;
	int in_flight, running;
	double begin;
	CURLM *multi;
	slot *slots;

	if (argc != 4)
		return 2;
	requests = atol(argv[2]);
	in_flight = atoi(argv[3]);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	multi = curl_multi_init();
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long) in_flight);
	slots = calloc((size_t) in_flight, sizeof(slot));
	begin = now(CLOCK_MONOTONIC);
	for (; started < in_flight && started < requests; started++)
	{
		create(&slots[started]);
		start(multi, &slots[started], argv[1]);
	}
	while (finished < requests)
	{
		CURLMsg *message;
		int left;
		long taken = 0;

		curl_multi_perform(multi, &running);
		while ((message = curl_multi_info_read(multi, &left)) != NULL)
		{
			slot *s;
			long status;
			curl_off_t total;
			CURL *easy = message->easy_handle;

			if (message->data.result != CURLE_OK)
				failed++;
			curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **) &s);
			curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
			curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &total);
			curl_multi_remove_handle(multi, easy);
			finished++;
			taken++;
			if (started < requests)
			{
				start(multi, s, argv[1]);
				started++;
			}
		}
		if (taken == 0)
			curl_multi_poll(multi, NULL, 0, 1000, NULL);
	}
	printf("%.0f requests/s, %.2f us of CPU each, %ld failed\n",
		   (double) requests / (now(CLOCK_MONOTONIC) - begin),
		   now(CLOCK_THREAD_CPUTIME_ID) * 1e6 / (double) requests, failed);
	return 0;
}
