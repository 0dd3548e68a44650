/*
 * first_header.h
 *	  Refuses a response whose first header line begins with a blank, before libcurl
 *	  stores it.
 *
 * libcurl before 8.1 takes such a line for the rest of the last header of the handle's
 * last transfer, whose memory is freed: any server could crash the process, unless every
 * transfer had a handle of its own.  With CURLOPT_HEADER libcurl gives each header line to
 * CURLOPT_WRITEFUNCTION first, then stores it, and then gives it to
 * CURLOPT_HEADERFUNCTION (chop_write in sendf.c of 7.87 to 8.0).
 */
#ifndef PGNET_FIRST_HEADER_H
#define PGNET_FIRST_HEADER_H

#include "sink/sink.h"

/* In place of pgnet_sink_header and pgnet_sink_body; userdata is a pgnet_sink */
extern size_t pgnet_first_header_line(char *line, size_t size, size_t count, void *userdata);
extern size_t pgnet_first_header_write(char *data, size_t size, size_t count, void *userdata);

#endif /* PGNET_FIRST_HEADER_H */
