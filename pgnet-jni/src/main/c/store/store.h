/*
 * store.h
 *		The worker's statements. Each function is one transaction, run as the owner of the tables.
 */
#ifndef PGNET_STORE_H
#define PGNET_STORE_H

#include "postgres.h"
#include "lib/stringinfo.h"

/* What became of an outcome; RequestStore.Disposition has the same order. */
typedef enum Disposition
{
	DISPOSITION_RECORDED,
	DISPOSITION_GONE,
	DISPOSITION_LOCKED
} Disposition;

extern StringInfo pgnet_fetch(int64 first, int64 last, int limit, int64 max_body_bytes);
extern void pgnet_record(const char *outcomes, int count, char *dispositions);
extern int64 pgnet_expire(int64 ttl_micros, int limit);

/* content.c */
extern char *pgnet_to_ascii(char *text);
extern char *pgnet_utf8_to_server(const char *utf8, size_t length);
extern char *pgnet_server_text(const char *utf8, int64 length);
extern text *pgnet_content(char *body, size_t length, const char *charset);
extern text *pgnet_varlena_of(char *bytes, size_t length);

#endif /* PGNET_STORE_H */
