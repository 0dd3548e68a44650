/*
 * coded_body.h
 *	  A body in a coding that is undone while it arrives.
 */
#ifndef PGNET_CODED_BODY_H
#define PGNET_CODED_BODY_H

#include "sink/sink.h"

#include <stdbool.h>

extern pgnet_coded_body *pgnet_coded_body_begin(const char *coding, size_t length);
extern int64_t pgnet_coded_body_memory(const pgnet_coded_body *coded);
extern size_t pgnet_coded_body_take(pgnet_sink *sink, const char *data, size_t length);
extern void pgnet_coded_body_end(pgnet_sink *sink, bool whole);
extern void pgnet_coded_body_destroy(pgnet_coded_body *coded);

#endif /* PGNET_CODED_BODY_H */
