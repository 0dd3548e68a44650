/*
 * outcome.c
 *		Unpacks what OutcomeWriter packs.
 */
#include "store/outcome.h"
#include "store/moment.h"

#include "port.h"

#define QUOTED(name) #name,

/* What net.dead_letters has for a reason, in memory of this transaction; NULL for none. */
static const char *
dead_reason(int32 reason)
{
	static const char *const names[] = {PGNET_DEAD_REASONS(QUOTED)};
	char *name;

	if (reason < 0 || reason >= (int) lengthof(names))
		return NULL;
	name = pstrdup(names[reason]);
	for (char *letter = name; *letter != '\0'; letter++)
		*letter = pg_ascii_tolower(*letter);
	return name;
}

/* So many bytes and a NUL, NULL for -1. Moves on to the next text. */
static const char *
take_text(const char **in, int32 length)
{
	const char *text = *in;

	if (length < 0)
		return NULL;
	*in += length + 1;
	return text;
}

/* One outcome. Returns the last one that has headers, by now: those of many are the same, and are packed once. */
static const Outcome *
unpack(PackedOutcome *packed, Outcome *outcome, const Outcome *last)
{
	const char *texts = (const char *) (packed + 1);
	const char *headers = take_text(&texts, packed->headers_bytes);

	outcome->id = packed->id;
	outcome->version = packed->version;
	outcome->completed_micros = packed->completed_micros;
	outcome->duration_micros = packed->duration_micros;
	outcome->due = pgnet_timestamp_of(packed->due_micros);
	outcome->first_due = pgnet_timestamp_of(packed->first_due_micros);
	outcome->left_alone_until = pgnet_timestamp_of(packed->left_alone_micros);
	outcome->name_lookup_micros = packed->name_lookup_micros;
	outcome->connect_micros = packed->connect_micros;
	outcome->tls_micros = packed->tls_micros;
	outcome->first_byte_micros = packed->first_byte_micros;
	outcome->counted = packed->counted;
	outcome->attempt = packed->attempt;
	outcome->attempts = packed->attempts;
	outcome->status = packed->status;
	outcome->timed_out = packed->timed_out != 0;
	outcome->has_delivery = packed->has_delivery != 0;
	outcome->dead = dead_reason(packed->dead);
	outcome->bare = packed->bare != 0;
	outcome->body = (char *) (intptr_t) packed->body_address;
	outcome->body_length = packed->body_length;
	outcome->compressed = (char *) (intptr_t) packed->compressed_address;
	outcome->compressed_length = packed->compressed_length;
	outcome->headers = (const char *) (intptr_t) packed->long_headers_address;
	outcome->headers_length = packed->long_headers_length;
	if (headers != NULL)
	{
		outcome->headers = headers;
		outcome->headers_length = strlen(headers);
	}
	outcome->content_type = take_text(&texts, packed->content_type_bytes);
	outcome->charset = take_text(&texts, packed->charset_bytes);
	outcome->error = take_text(&texts, packed->error_bytes);
	outcome->store = take_text(&texts, packed->store_bytes);
	outcome->disposition = &packed->disposition;
	if (packed->alike != 0)
	{
		outcome->headers = last->headers;
		outcome->headers_length = last->headers_length;
		outcome->content_type = last->content_type;
		outcome->charset = last->charset;
	}
	return outcome->headers == NULL ? last : outcome;
}

/* The outcomes in palloc'd memory; their texts and bodies stay where the Java side has them. */
Outcome *
pgnet_unpack_outcomes(char *packed, int count)
{
	Outcome *outcomes = palloc(sizeof(Outcome) * count);
	const Outcome *last = NULL;

	for (int i = 0; i < count; i++)
	{
		PackedOutcome *next = (PackedOutcome *) packed;

		last = unpack(next, &outcomes[i], last);
		packed += next->record_bytes;
	}
	return outcomes;
}
