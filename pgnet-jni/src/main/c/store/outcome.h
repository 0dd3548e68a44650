/*
 * outcome.h
 *		One outcome of a request, as the Java side packs it.
 */
#ifndef PGNET_OUTCOME_H
#define PGNET_OUTCOME_H

#include "postgres.h"

/* One outcome as OutcomeWriter packs it. Texts are UTF-8; the last three are NUL-terminated, NULL for none. */
typedef struct Outcome
{
	int64 id;
	Oid table_oid;
	TransactionId xmin;
	int64 completed_micros; /* since 1970 */
	int64 duration_micros;
	int32 status; /* 0 for a failure */
	bool timed_out;
	const char *headers; /* as JSON */
	int64 headers_length;
	char *body; /* behind room for a length word, so that it can become a text where it is */
	int64 body_length;
	char *compressed; /* the body as compress.c makes it, NULL for none */
	int64 compressed_length;
	const char *content_type;
	const char *charset;
	const char *error;
} Outcome;

extern Outcome *pgnet_unpack_outcomes(const char *packed, int count);

#endif /* PGNET_OUTCOME_H */
