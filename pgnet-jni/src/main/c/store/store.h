/*
 * store.h
 *		The worker's statements. Each function is one transaction, run as the owner of the tables.
 */
#ifndef PGNET_STORE_H
#define PGNET_STORE_H

#include "postgres.h"
#include "datatype/timestamp.h"
#include "lib/stringinfo.h"
#include "shared/row_version.h"

/* What became of an outcome, as in the enum RequestStore.Disposition. */
#define PGNET_DISPOSITIONS(NAME)                                             \
	NAME(RECORDED)                                                           \
	NAME(GONE)        /* its queue row, or another version of it is there */ \
	NAME(LOCKED)      /* by somebody else */                                 \
	NAME(UNAVAILABLE) /* the tables */

#define DISPOSITION_OF_NAME(name) DISPOSITION_##name,

typedef enum Disposition
{
	PGNET_DISPOSITIONS(DISPOSITION_OF_NAME)
} Disposition;

/* How requests are read, as in the enum org.pgnet.jni.Reading, which says when. */
#define PGNET_READINGS(NAME)                                                    \
	NAME(ALL_AT_ONCE) /* an error when one of them cannot be read */            \
	NAME(ONE_BY_ONE)  /* one that cannot be read is a request with a refusal */ \
	NAME(KEYS_ALONE)  /* nothing else is looked at */

#define READING_OF_NAME(name) name,

typedef enum Reading
{
	PGNET_READINGS(READING_OF_NAME)
} Reading;

/* How a batch is recorded, as in the enum org.pgnet.jni.Manner, which says when. */
#define PGNET_MANNERS(NAME)                                           \
	NAME(TRUSTFUL)         /* an error when anything is in the way */ \
	NAME(CAREFUL)          /* takes only what can be taken */         \
	NAME(WITHOUT_TRIGGERS) /* the same, and leaves out the triggers of the tables' owner */

#define MANNER_OF_NAME(name) name,

typedef enum Manner
{
	PGNET_MANNERS(MANNER_OF_NAME)
} Manner;

extern StringInfo pgnet_fetch(int64 first, int64 last, int limit, int64 max_body_bytes,
							  Reading reading);
extern StringInfo pgnet_fetch_chosen(Datum *ids, int count, int64 max_body_bytes, Reading reading);
extern void pgnet_record(char *outcomes, int count, Manner manner);

/* What became of a call of pgnet_expire(). */
typedef struct Expired
{
	int64 wait_micros; /* until there is more to do: 0 at the limit, the ttl with no response */
	int64 left;        /* old responses that are still there: locked, or kept by a trigger */
} Expired;

extern Expired pgnet_expire(int64 ttl_micros, int limit);
extern int64 pgnet_expire_attempts(int64 ttl_micros, int limit);
extern int64 pgnet_expire_dead(int64 ttl_micros, int limit);
extern void pgnet_expiry_place(bool new_pass, bool past_refused);
extern void pgnet_expiry_note(TimestampTz created);

/* content.c */
extern char *pgnet_to_ascii(char *text);
extern char *pgnet_utf8_to_server(const char *utf8, size_t length);
extern char *pgnet_server_text(const char *utf8, int64 length);
extern text *pgnet_content(char *body, size_t length, const char *charset,
						   const char *content_type);
extern text *pgnet_varlena_of(char *bytes, size_t length);

#endif /* PGNET_STORE_H */
