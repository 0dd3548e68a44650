/*
 * host_roles.c
 *		Which roles may call a host, by the column roles of net.hosts: read when the table may have changed, so that while no row
 *		names roles a request costs one comparison.
 */
#include "session/host_roles.h"
#include "guard/host_pattern.h"
#include "session/hosts_change.h"
#include "session/latest_rows.h"
#include "shared/hosts_table.h"

#include "executor/spi.h"
#include "utils/memutils.h"

typedef struct HostRoles
{
	const char *pattern;
	List *roles; /* their names; one that does not exist any more has no members */
} HostRoles;

/* A row for each role, and one with a null for an empty list. */
static Statement roles_statement = {
	.text = "SELECT h.pattern::pg_catalog.text, r.role::pg_catalog.text FROM net.hosts h "
			"LEFT JOIN LATERAL pg_catalog.unnest(h.roles) WITH ORDINALITY r (role, number) "
			"ON true WHERE h.roles IS NOT NULL ORDER BY h.pattern, r.number",
};

/* what is known, in a memory context of its own, and the version of the table it was read of; 0 for none */
static MemoryContext known_context = NULL;
static List *known_rules = NIL;
static uint64 known_version = 0;

/* A column of a row that was read, in the current memory. */
static char *
text_of(HeapTuple row, int column)
{
	char *text = SPI_getvalue(row, SPI_tuptable->tupdesc, column);

	return text == NULL ? NULL : MemoryContextStrdup(known_context, text);
}

/* Adds what a row says. */
static void
add(HeapTuple row)
{
	MemoryContext before = MemoryContextSwitchTo(known_context);
	HostRoles *last = known_rules == NIL ? NULL : llast(known_rules);
	char *pattern = text_of(row, 1);
	char *role = text_of(row, 2);

	if (pattern != NULL && (last == NULL || strcmp(last->pattern, pattern) != 0))
	{
		last = palloc0(sizeof(HostRoles));
		last->pattern = pattern;
		known_rules = lappend(known_rules, last);
	}
	if (last != NULL && role != NULL)
		last->roles = lappend(last->roles, role);
	MemoryContextSwitchTo(before);
}

/* Adds what was read. */
static void
add_rows(void)
{
	for (uint64 i = 0; i < SPI_processed; i++)
		add(SPI_tuptable->vals[i]);
}

/* Reads which hosts only some roles may call, unless that is known. */
static void
learn(void)
{
	uint64 version = pgnet_hosts_version();
	Oid table;

	if (version == known_version && !pgnet_hosts_changed_here())
		return;
	known_version = 0;
	known_rules = NIL;
	if (known_context == NULL)
		known_context =
			AllocSetContextCreate(TopMemoryContext, "pg_net hosts", ALLOCSET_SMALL_SIZES);
	MemoryContextReset(known_context);
	table = pgnet_hosts_table();
	if (OidIsValid(table))
		pgnet_read_latest(&roles_statement, table, add_rows);
	/* what this transaction has changed may be rolled back */
	if (!pgnet_hosts_changed_here())
		known_version = version;
}

/* Whether there are hosts that only some roles may call. */
bool
pgnet_hosts_have_roles(void)
{
	learn();
	return known_rules != NIL;
}

/* Whether a role is one of those, or has their rights. */
static bool
is_member(Oid owner, const List *roles)
{
	ListCell *cell;

	foreach (cell, roles)
		if (pgnet_is_host_role(owner, lfirst(cell)))
			return true;
	return false;
}

/*
 * The pattern of the row by which the requests of an owner may not go to a host, NULL when they may: of the rows that name
 * roles, the most specific one counts.
 */
const char *
pgnet_host_roles_refusing(const char *host, int port, Oid owner)
{
	const HostRoles *rule = NULL;
	int best = 0;
	ListCell *cell;

	learn();
	foreach (cell, known_rules)
	{
		const HostRoles *other = lfirst(cell);
		int rank = pgnet_host_rank(other->pattern, host, port);

		if (rank > best)
		{
			best = rank;
			rule = other;
		}
	}
	return rule == NULL || is_member(owner, rule->roles) ? NULL : rule->pattern;
}
