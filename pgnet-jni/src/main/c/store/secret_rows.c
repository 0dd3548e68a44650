/*
 * secret_rows.c
 *		Secrets with their values, read for the Java side when they may have changed, and only once a request needs one.
 *
 * As the owner of the tables, who alone can read values. They go to Java by address, in memory that Java overwrites; what is
 * left of them in this process's memory is overwritten here. Two statements, neither of which sorts values: a sort may write to
 * a temporary file.
 */
#include "shared/compat.h"

#include "store/secret_rows.h"
#include "shared/as_owner.h"
#include "shared/secrets_table.h"
#include "store/moment.h"
#include "store/transaction.h"

#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

enum
{
	TEXT_NAME,
	TEXT_OWNER,
	TEXT_FILE,
	TEXT_FILE_ALLOWED
};

static Statement secrets_statement = {
	.text = "SELECT name::pg_catalog.text, owner::pg_catalog.text, file::pg_catalog.text, 'false', "
			"pg_catalog.array_to_string(hosts, ' '), roles::pg_catalog.text FROM net._secrets",
};

static Statement keys_statement = {
	.text = "SELECT name, value, added, until FROM net._secret_keys",
};

static const Oid secret_types[] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID};
static const Oid key_types[] = {TEXTOID, BYTEAOID, TIMESTAMPTZOID, TIMESTAMPTZOID};

/* whether they have been read, so that changes matter */
static bool known = false;

/* Whether there is somebody to whom changes of secrets, and of roles, matter. */
bool
pgnet_secrets_are_known(void)
{
	return known;
}

/* A text in UTF-8, in the caller's memory. */
static char *
utf8_of(MemoryContext caller, const char *text)
{
	return MemoryContextStrdup(caller, pg_server_to_any(text, strlen(text), PG_UTF8));
}

/* Notes what the first statement returned. */
static void
keep_texts(SecretRows *rows, MemoryContext caller)
{
	pgnet_check_result(secret_types, lengthof(secret_types));
	rows->texts =
		MemoryContextAllocZero(caller, sizeof(char *) * (SPI_processed * PGNET_SECRET_TEXTS + 1));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		char **texts = rows->texts + i * PGNET_SECRET_TEXTS;

		for (int column = 0; column < PGNET_SECRET_TEXTS; column++)
		{
			char *value = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, column + 1);

			if (value != NULL)
				texts[column] = utf8_of(caller, value);
		}
		if (texts[TEXT_OWNER] != NULL &&
			has_privs_of_role(strtoul(texts[TEXT_OWNER], NULL, 10), ROLE_PG_READ_SERVER_FILES))
			texts[TEXT_FILE_ALLOWED] = MemoryContextStrdup(caller, "true");
	}
	rows->count = SPI_processed;
}

/* Copies a value into memory of malloc(3). What else there is of it is overwritten. */
static char *
take_value(Datum datum, int *length)
{
	bytea *bytes = DatumGetByteaPP(datum);
	char *copy;

	*length = VARSIZE_ANY_EXHDR(bytes);
	copy = malloc(*length + 1);
	if (copy != NULL)
		memcpy(copy, VARDATA_ANY(bytes), *length);
	if ((Pointer) bytes != DatumGetPointer(datum))
		explicit_bzero(bytes, VARSIZE_ANY(bytes));
	if (copy == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory for a secret")));
	return copy;
}

/* Notes a row of the second statement, which is overwritten. */
static void
keep_key(SecretRows *rows, HeapTuple row, MemoryContext caller)
{
	TupleDesc descriptor = SPI_tuptable->tupdesc;
	int64 *numbers = rows->key_numbers + rows->key_count * PGNET_SECRET_KEY_NUMBERS;
	char *name = SPI_getvalue(row, descriptor, 1);
	bool is_null;
	bool has_no_end;
	Datum value = SPI_getbinval(row, descriptor, 2, &is_null);
	TimestampTz added =
		DatumGetTimestampTz(SPI_getbinval(row, descriptor, 3, &has_no_end)); /* never null */
	TimestampTz until = DatumGetTimestampTz(SPI_getbinval(row, descriptor, 4, &has_no_end));
	int length;

	if (name == NULL || is_null)
		return;
	rows->key_names[rows->key_count] = utf8_of(caller, name);
	numbers[0] = (int64) (intptr_t) take_value(value, &length);
	numbers[1] = length;
	numbers[2] = pgnet_unix_micros(added);
	numbers[3] = has_no_end ? PG_INT64_MAX : pgnet_unix_micros(until);
	rows->key_count++;
	explicit_bzero(row->t_data, row->t_len);
}

/* Notes what the second statement returned. */
static void
keep_keys(SecretRows *rows, MemoryContext caller)
{
	pgnet_check_result(key_types, lengthof(key_types));
	rows->key_names = MemoryContextAllocZero(caller, sizeof(char *) * (SPI_processed + 1));
	rows->key_numbers = MemoryContextAllocZero(
		caller, sizeof(int64) * (SPI_processed * PGNET_SECRET_KEY_NUMBERS + 1));
	for (uint64 i = 0; i < SPI_processed; i++)
		keep_key(rows, SPI_tuptable->vals[i], caller);
}

/* Overwrites and frees the values: Java does not take them. */
void
pgnet_free_secret_values(SecretRows *rows)
{
	for (int i = 0; i < rows->key_count; i++)
	{
		int64 *numbers = rows->key_numbers + i * PGNET_SECRET_KEY_NUMBERS;

		explicit_bzero((char *) (intptr_t) numbers[0], numbers[1]);
		free((char *) (intptr_t) numbers[0]);
	}
	rows->key_count = 0;
}

/* All of them, in the caller's memory; none without a table. The values are the caller's to free. */
void
pgnet_read_secrets(SecretRows *rows)
{
	MemoryContext caller = CurrentMemoryContext;
	Oid table;

	memset(rows, 0, sizeof(*rows));
	known = true;
	if (!pgnet_transaction_begin(false))
		return;
	table = pgnet_secrets_table();
	if (OidIsValid(table))
	{
		AsOwner worker = pgnet_as_owner_begin(table);

		pgnet_execute(&secrets_statement, NULL, NULL, SPI_OK_SELECT);
		keep_texts(rows, caller);
		pgnet_execute(&keys_statement, NULL, NULL, SPI_OK_SELECT);
		PG_TRY();
		{
			keep_keys(rows, caller);
		}
		PG_CATCH();
		{
			pgnet_free_secret_values(rows);
			PG_RE_THROW();
		}
		PG_END_TRY();
		pgnet_as_owner_end(worker);
	}
	pgnet_transaction_end();
}

/* Whether a role has the rights of another one. */
bool
pgnet_has_rights_of(Oid role, Oid other)
{
	bool result;

	StartTransactionCommand();
	result = has_privs_of_role(role, other);
	CommitTransactionCommand();
	return result;
}
