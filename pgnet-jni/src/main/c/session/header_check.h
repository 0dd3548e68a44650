/*
 * header_check.h
 *		What the headers of a request must be like.
 */
#ifndef PGNET_HEADER_CHECK_H
#define PGNET_HEADER_CHECK_H

#include "postgres.h"
#include "utils/jsonb.h"

extern int64 pgnet_check_headers(Jsonb *headers, int64 most_bytes);

#endif /* PGNET_HEADER_CHECK_H */
