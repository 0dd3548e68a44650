/*
 * outcome.h
 *		One outcome of a request, as the Java side packs it.
 */
#ifndef PGNET_OUTCOME_H
#define PGNET_OUTCOME_H

#include "shared/layout.h"

#include "datatype/timestamp.h"

/* Why a request is not sent again though it failed, as in the enum DeadReason. SQL has the names in small letters. */
#define PGNET_DEAD_REASONS(NAME) \
	NAME(EXHAUSTED)              \
	NAME(REJECTED)               \
	NAME(REFUSED)                \
	NAME(EXPIRED)                \
	NAME(GONE)

/*
 * As OutcomeWriter packs it, in the machine's byte order. Behind it are the texts in UTF-8, each with a NUL, in the order of
 * their lengths here, and then what is left to the next record. A length of -1 means that there is no such text. All fields
 * have one size, so that Java writes them into an array, which takes a third as long.
 */
#define PGNET_OUTCOME_FIELDS(FIELD)                                                          \
	FIELD(PackedOutcome, int64, id)                                                          \
	FIELD(PackedOutcome, int64, version)          /* as in its request */                    \
	FIELD(PackedOutcome, int64, completed_micros) /* since 1970 */                           \
	FIELD(PackedOutcome, int64, duration_micros)                                             \
	FIELD(PackedOutcome, int64, body_address) /* behind room for a length word */            \
	FIELD(PackedOutcome, int64, body_length)                                                 \
	FIELD(PackedOutcome, int64, compressed_address) /* 0 for none */                         \
	FIELD(PackedOutcome, int64, compressed_length)                                           \
	FIELD(PackedOutcome, int64, long_headers_address) /* JSON that is not behind it */       \
	FIELD(PackedOutcome, int64, long_headers_length)                                         \
	FIELD(PackedOutcome, int64, due_micros) /* when it is sent again; INT64_MAX for never */ \
	FIELD(PackedOutcome, int64, first_due_micros)                                            \
	FIELD(PackedOutcome, int64, left_alone_micros)  /* INT64_MIN for not asked for */        \
	FIELD(PackedOutcome, int64, name_lookup_micros) /* this and the next -1 for not known */ \
	FIELD(PackedOutcome, int64, connect_micros)                                              \
	FIELD(PackedOutcome, int64, tls_micros)                                                  \
	FIELD(PackedOutcome, int64, first_byte_micros)                                           \
	FIELD(PackedOutcome, int64, counted)                                                     \
	FIELD(PackedOutcome, int64, attempt) /* which one ended, 0 for one without a history */  \
	FIELD(PackedOutcome, int64, attempts)                                                    \
	FIELD(PackedOutcome, int64, status) /* 0 for a failure */                                \
	FIELD(PackedOutcome, int64, timed_out)                                                   \
	FIELD(PackedOutcome, int64, has_delivery) /* as in its request */                        \
	FIELD(PackedOutcome, int64, bare)         /* 1 for a row without method and URL */       \
	FIELD(PackedOutcome, int64, dead)         /* -1, or one of PGNET_DEAD_REASONS */         \
	FIELD(PackedOutcome, int64,                                                              \
		  alike) /* 1 for the headers, type and charset of the last one that has any */      \
	FIELD(PackedOutcome, int64, headers_bytes) /* JSON */                                    \
	FIELD(PackedOutcome, int64, content_type_bytes)                                          \
	FIELD(PackedOutcome, int64, charset_bytes)                                               \
	FIELD(PackedOutcome, int64, error_bytes)                                                 \
	FIELD(PackedOutcome, int64, store_bytes)                                                 \
	FIELD(PackedOutcome, int64, record_bytes) /* from its begin to that of the next */       \
	FIELD(PackedOutcome, int64, disposition)  /* written by C */

typedef struct PackedOutcome
{
	PGNET_OUTCOME_FIELDS(PGNET_MEMBER)
} PackedOutcome;

/* One outcome. Texts are UTF-8; the last four are NUL-terminated, NULL for none. */
typedef struct Outcome
{
	int64 id;
	int64 version;
	int64 completed_micros; /* since 1970 */
	int64 duration_micros;
	TimestampTz due; /* when the request is sent again, DT_NOEND for never */
	TimestampTz first_due;
	TimestampTz left_alone_until; /* the server asks for that, DT_NOBEGIN when it does not */
	int64 name_lookup_micros;     /* this and the next three are -1 when they are not known */
	int64 connect_micros;
	int64 tls_micros;
	int64 first_byte_micros;
	int32 counted; /* attempts towards the most that its policy allows */
	int32 attempt; /* which one ended, 0 for one without a history */
	int32 attempts;
	int32 status; /* 0 for a failure */
	bool timed_out;
	bool has_delivery; /* as in its request */
	const char *dead; /* why the request is kept, as net.dead_letters has it; NULL when it is not */
	bool bare;        /* the row has neither method nor URL: they may be what is refused */
	const char *headers; /* as JSON */
	int64 headers_length;
	char *body; /* behind room for a length word, so that it can become a text where it is */
	int64 body_length;
	char *compressed; /* the body as compress.c makes it, NULL for none */
	int64 compressed_length;
	const char *content_type;
	const char *charset;
	const char *error;
	const char *store;  /* what is stored of it unless the queue's row says so */
	int64 *disposition; /* where the Java side finds what became of it */
} Outcome;

/* Whether the request is sent again, so that this is not its end. */
static inline bool
pgnet_is_postponed(const Outcome *outcome)
{
	return !TIMESTAMP_IS_NOEND(outcome->due);
}

extern Outcome *pgnet_unpack_outcomes(char *packed, int count);

#endif /* PGNET_OUTCOME_H */
