/*
 * secret_use.c
 *		Which secrets a role may use, and where they may be sent: what is known of them without their values, read when it may
 *		have changed. Only requests that name secrets ask.
 */
#include "session/secret_use.h"
#include "guard/host_pattern.h"
#include "session/hosts_change.h"
#include "session/latest_rows.h"
#include "shared/hosts_table.h"
#include "shared/secrets_table.h"

#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* in the database's encoding */
typedef struct KnownSecret
{
	const char *name;
	Oid owner;
	const char *file; /* NULL when the database holds the value */
	List *hosts;
	List *roles;
} KnownSecret;

static Statement secrets_statement = {
	.text = "SELECT name, owner, hosts, roles, file FROM net._secrets ORDER BY name COLLATE "
			"pg_catalog.\"C\"",
};

/* what is known, in a memory context of its own, sorted by name, and the version of the tables it was read of; 0 for none */
static MemoryContext known_context = NULL;
static KnownSecret *known_secrets = NULL;
static int known_count = 0;
static uint64 known_version = 0;

/* The elements of a column that is a text[]. */
static List *
list_of(HeapTuple row, int column)
{
	bool isnull;
	Datum array = SPI_getbinval(row, SPI_tuptable->tupdesc, column, &isnull);
	Datum *elements;
	bool *nulls;
	int count;
	List *list = NIL;

	if (isnull)
		return NIL;
	deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &elements,
					  &nulls, &count);
	for (int i = 0; i < count; i++)
		if (!nulls[i])
			list = lappend(list, TextDatumGetCString(elements[i]));
	return list;
}

/* Notes what the rows say. */
static void
keep_rows(void)
{
	MemoryContext before = MemoryContextSwitchTo(known_context);

	known_secrets = palloc(sizeof(KnownSecret) * (SPI_processed + 1));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple row = SPI_tuptable->vals[i];
		bool isnull;

		known_secrets[i].name = SPI_getvalue(row, SPI_tuptable->tupdesc, 1);
		known_secrets[i].owner =
			DatumGetObjectId(SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &isnull));
		known_secrets[i].hosts = list_of(row, 3);
		known_secrets[i].roles = list_of(row, 4);
		known_secrets[i].file = SPI_getvalue(row, SPI_tuptable->tupdesc, 5);
	}
	known_count = SPI_processed;
	MemoryContextSwitchTo(before);
}

/* Reads which secrets there are, unless that is known. */
static void
learn(void)
{
	uint64 version = pgnet_hosts_version();
	Oid table;

	if (version == known_version && !pgnet_hosts_changed_here())
		return;
	known_version = 0;
	known_count = 0;
	if (known_context == NULL)
		known_context =
			AllocSetContextCreate(TopMemoryContext, "pg_net secrets", ALLOCSET_SMALL_SIZES);
	MemoryContextReset(known_context);
	table = pgnet_secrets_table();
	if (OidIsValid(table))
		pgnet_read_latest(&secrets_statement, table, keep_rows);
	/* what this transaction has changed may be rolled back */
	if (!pgnet_hosts_changed_here())
		known_version = version;
}

/* The secret of this name; NULL when there is none. */
static const KnownSecret *
find(const char *name)
{
	int low = 0;
	int high = known_count;

	while (low < high)
	{
		int middle = low + (high - low) / 2;
		int order = strcmp(name, known_secrets[middle].name);

		if (order == 0)
			return &known_secrets[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* Whether a role may use it. */
static bool
may_use(Oid role, const KnownSecret *secret)
{
	ListCell *cell;

	if (has_privs_of_role(role, secret->owner))
		return true;
	foreach (cell, secret->roles)
		if (pgnet_is_host_role(role, lfirst(cell)))
			return true;
	return false;
}

/* Whether one of its hosts is the one that the request leads to, by a scheme that it allows. */
static bool
may_go(const SecretUse *use, const KnownSecret *secret)
{
	static const char plain[] = "http://";
	ListCell *cell;

	foreach (cell, secret->hosts)
	{
		const char *pattern = lfirst(cell);
		bool is_plain = strncmp(pattern, plain, strlen(plain)) == 0;

		if ((use->secure || is_plain) &&
			pgnet_host_rank(is_plain ? pattern + strlen(plain) : pattern, use->host, use->port) > 0)
			return true;
	}
	return false;
}

/*
 * Refuses a secret that the owner of a request may not use, or that may not be sent where it leads. The worker checks again. One
 * that does not exist may yet be made.
 */
void
pgnet_check_secret(const char *name, const SecretUse *use)
{
	const KnownSecret *secret;

	learn();
	secret = find(name);
	if (secret == NULL)
		return;
	if (!may_use(use->owner, secret))
	{
		const char *role = GetUserNameFromId(use->owner, true);

		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("role \"%s\" may not use secret \"%s\"",
							   role == NULL ? psprintf("%u", use->owner) : role, name),
						errhint("Its owner can name the role in net.set_secret.")));
	}
	if (!may_go(use, secret))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("secret \"%s\" may not be sent to this host by %s", name,
						use->secure ? "https" : "http"),
				 errhint("SELECT hosts FROM net.secrets WHERE name = '%s'; shows where it may: "
						 "over https only, unless http:// is before the host.",
						 name)));
}

/*
 * The file of a secret that a role may use, and whether the secret's owner may have files read. NULL when it has none, or the role
 * may not use it.
 */
const char *
pgnet_file_of_secret(const char *name, Oid role, bool *is_allowed)
{
	const KnownSecret *secret;

	learn();
	secret = find(name);
	if (secret == NULL || secret->file == NULL || !may_use(role, secret))
		return NULL;
	*is_allowed = has_privs_of_role(secret->owner, ROLE_PG_READ_SERVER_FILES);
	return secret->file;
}
