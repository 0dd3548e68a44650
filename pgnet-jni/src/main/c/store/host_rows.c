/*
 * host_rows.c
 *		What net.hosts says, and which hosts are to be probed, read for the Java side when it may have changed.
 *
 * As the table's owner, in whose files and headers the others have no part. Files are read by the worker, with the rights of the
 * operating system's user: so they count only while that owner may have the server read files, which the table's trigger
 * checks of everybody else.
 */
#include "store/host_rows.h"
#include "store/secret_rows.h"
#include "shared/as_owner.h"
#include "shared/hosts_table.h"
#include "shared/own_table.h"
#include "shared/table_owner.h"
#include "store/transaction.h"

#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/syscache.h"

/* which of the texts these are */
#define ROLES 10
#define FIRST_FILE 11
#define LAST_FILE 13

/* In the place of a file that does not count: no such file is there, and libcurl says which one it did not find. */
#define NO_FILE "/the owner of net.hosts does not have the rights of pg_read_server_files"

/* Times in milliseconds, a rate of a second. */
static Statement rows_statement = {
	.text = "SELECT pattern::pg_catalog.text, policy::pg_catalog.text, "
			"pg_catalog.ceil(extract(epoch FROM timeout) OPERATOR(pg_catalog.*) "
			"1000)::pg_catalog.text, "
			"pg_catalog.ceil(extract(epoch FROM connect_timeout) "
			"OPERATOR(pg_catalog.*) 1000)::pg_catalog.text, "
			"max_in_flight::pg_catalog.text, "
			"(rate::pg_catalog.float8 OPERATOR(pg_catalog./) "
			"extract(epoch FROM coalesce(per, '1 s'))::pg_catalog.float8)::pg_catalog.text, "
			"burst::pg_catalog.float8::pg_catalog.text, breaker::pg_catalog.text, "
			"store::pg_catalog.text, headers::pg_catalog.text, roles::pg_catalog.text, "
			"ca_bundle::pg_catalog.text, client_certificate::pg_catalog.text, "
			"client_key::pg_catalog.text, paused::pg_catalog.text "
			"FROM net.hosts ORDER BY pattern",
};

/* Each is a wish of its own: a second one about the same hosts has another moment. */
static Statement probes_statement = {
	.text = "SELECT pattern, asked::pg_catalog.text FROM net._probes WHERE asked "
			"OPERATOR(pg_catalog.>) (pg_catalog.now() OPERATOR(pg_catalog.-) "
			"'1 h'::pg_catalog.interval) ORDER BY asked DESC LIMIT 1000",
};

/* whether a row names roles, and how often roles and their members have changed since this process began */
static bool roles_named = false;
static uint64 role_changes = 0;

/* Something about roles has changed. */
static void
note_role_change(Datum arg, int cache, uint32 hash)
{
	role_changes++;
}

/* Has changes of roles told from here on. */
static void
watch_roles(void)
{
	static bool watching = false;

	if (watching)
		return;
	CacheRegisterSyscacheCallback(AUTHOID, note_role_change, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, note_role_change, (Datum) 0);
	watching = true;
}

/*
 * While this stays the same, so does what is read here, and so do secrets. Where roles matter, a transaction is begun and ended: that is when
 * a process takes note of what others have changed in the catalogue.
 */
uint64
pgnet_host_rows_version(void)
{
	if (roles_named || pgnet_secrets_are_known())
	{
		StartTransactionCommand();
		CommitTransactionCommand();
	}
	return pgnet_hosts_version() + role_changes;
}

/* The texts of all rows that the last statement returned, in the caller's memory. */
static char **
texts_of_result(MemoryContext caller)
{
	int columns = SPI_tuptable->tupdesc->natts;
	char **texts = MemoryContextAllocZero(caller, sizeof(char *) * (SPI_processed * columns + 1));

	for (uint64 row = 0; row < SPI_processed; row++)
		for (int column = 0; column < columns; column++)
		{
			char *text = SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column + 1);

			if (text != NULL)
				texts[row * columns + column] =
					MemoryContextStrdup(caller, pg_server_to_any(text, strlen(text), PG_UTF8));
		}
	return texts;
}

/* Reads the rows of a table as its owner. Returns how many there are. */
static int
read_as_owner(Oid table, Statement *statement, MemoryContext caller, char ***texts)
{
	AsOwner worker = pgnet_as_owner_begin(table);
	int count;

	pgnet_execute(statement, NULL, NULL, SPI_OK_SELECT);
	*texts = texts_of_result(caller);
	count = SPI_processed;
	pgnet_as_owner_end(worker);
	return count;
}

/* Notes what a row is about, and lets its files count only if the table's owner may have them read. */
static void
look_at(char **row, bool files_count)
{
	roles_named = roles_named || row[ROLES] != NULL;
	for (int i = FIRST_FILE; i <= LAST_FILE; i++)
		if (row[i] != NULL && !files_count)
			row[i] = NO_FILE;
}

/* The texts of all rows, one row after the other, in the caller's memory. Returns how many rows there are; none without a table. */
int
pgnet_read_host_rows(char ***texts)
{
	MemoryContext caller = CurrentMemoryContext;
	Oid table;
	int count = 0;

	watch_roles();
	roles_named = false;
	if (!pgnet_transaction_begin(false))
		return 0;
	table = pgnet_hosts_table();
	if (OidIsValid(table))
	{
		bool files_count = has_privs_of_role(pgnet_table_owner(table), ROLE_PG_READ_SERVER_FILES);

		count = read_as_owner(table, &rows_statement, caller, texts);
		for (int i = 0; i < count; i++)
			look_at(*texts + i * PGNET_HOST_ROW_TEXTS, files_count);
	}
	pgnet_transaction_end();
	return count;
}

/* The texts of all wishes for probes, in the caller's memory. Returns how many wishes there are; none without a table. */
int
pgnet_read_probe_rows(char ***texts)
{
	MemoryContext caller = CurrentMemoryContext;
	Oid table;
	int count = 0;

	if (!pgnet_transaction_begin(false))
		return 0;
	table = pgnet_find_table("_probes");
	if (OidIsValid(table))
		count = read_as_owner(table, &probes_statement, caller, texts);
	pgnet_transaction_end();
	return count;
}

/* Whether a role has the rights of one of those whose names are in an array, which is a text in UTF-8. */
bool
pgnet_has_rights_of_any(Oid role, const char *names_utf8)
{
	Datum *names;
	bool *nulls;
	int count;
	bool result = false;
	char *literal;

	StartTransactionCommand();
	literal = pg_any_to_server(names_utf8, strlen(names_utf8), PG_UTF8);
	deconstruct_array(
		DatumGetArrayTypeP(OidFunctionCall3(F_ARRAY_IN, CStringGetDatum(literal),
											ObjectIdGetDatum(TEXTOID), Int32GetDatum(-1))),
		TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &count);
	for (int i = 0; i < count && !result; i++)
		result = !nulls[i] && pgnet_is_host_role(role, TextDatumGetCString(names[i]));
	CommitTransactionCommand();
	return result;
}
