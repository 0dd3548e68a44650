/*
 * contract.c
 *		What Java and C must agree on, told to the Java side when it starts: it takes the offsets from here, by name, and
 *		refuses to start when it finds another type or name.
 *
 * Lines of text: "record NAME SIZE", and for each of its fields "field NAME OFFSET SIZE"; "names NAME", and for each value of
 * the enum, from 0, "name NAME".
 */
#include "worker/contract.h"

#include "lib/stringinfo.h"
#include "shared/counters.h"
#include "shared/flow_board.h"
#include "shared/lane.h"
#include "store/outcome.h"
#include "store/request.h"
#include "store/store.h"

#define DESCRIBE_FIELD(record, type, name)                                          \
	appendStringInfo(&out, "field %s %d %d\n", #name, (int) offsetof(record, name), \
					 (int) sizeof(type));
#define DESCRIBE_NAME(name) appendStringInfo(&out, "name %s\n", #name);

#define DESCRIBE_RECORD(record, fields)                                          \
	do                                                                           \
	{                                                                            \
		StaticAssertStmt(sizeof(record) % PGNET_RECORD_ALIGNMENT == 0,           \
						 "records follow each other");                           \
		appendStringInfo(&out, "record %s %d\n", #record, (int) sizeof(record)); \
		fields(DESCRIBE_FIELD)                                                   \
	} while (0)

#define DESCRIBE_NAMES(what, names)                  \
	do                                               \
	{                                                \
		appendStringInfo(&out, "names %s\n", #what); \
		names(DESCRIBE_NAME)                         \
	} while (0)

/* The description, in palloc'd memory. */
char *
pgnet_contract(void)
{
	StringInfoData out;

	initStringInfo(&out);
	DESCRIBE_RECORD(PackedRequests, PGNET_REQUESTS_FIELDS);
	DESCRIBE_RECORD(PackedRequest, PGNET_REQUEST_FIELDS);
	DESCRIBE_RECORD(PackedOutcome, PGNET_OUTCOME_FIELDS);
	DESCRIBE_NAMES(Disposition, PGNET_DISPOSITIONS);
	DESCRIBE_NAMES(Reading, PGNET_READINGS);
	DESCRIBE_NAMES(Manner, PGNET_MANNERS);
	DESCRIBE_NAMES(DeadReason, PGNET_DEAD_REASONS);
	DESCRIBE_NAMES(Lane, PGNET_LANES);
	DESCRIBE_NAMES(Counter, PGNET_COUNTERS);
	DESCRIBE_NAMES(Hindrance, PGNET_HINDRANCES);
	return out.data;
}
