/*
 * secrets.c
 *		net.set_secret, net.drop_secret and what rotates keys. They write the two tables as their owner, for roles that have the
 *		rights of a secret's owner; nobody else can write them, or read a value.
 *
 * Values come as arguments and leave as parameters of statements. No error quotes one.
 */
#include "shared/compat.h"

#include "guard/host_pattern.h"
#include "session/hidden_value.h"
#include "session/utf8.h"
#include "shared/as_owner.h"
#include "shared/secret_names.h"
#include "shared/secrets_table.h"
#include "shared/statement.h"
#include "shared/memory.h"

#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "common/base64.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(pgnet_set_secret);
PG_FUNCTION_INFO_V1(pgnet_drop_secret);
PG_FUNCTION_INFO_V1(pgnet_rotate_secret);
PG_FUNCTION_INFO_V1(pgnet_new_signing_key);

/* keys for signatures (Standard Webhooks 1.0): this, and so many bytes in base64 */
#define SIGNING_KEY_PREFIX "whsec_"
#define LEAST_SIGNING_KEY_BYTES 24
#define MOST_SIGNING_KEY_BYTES 64
#define NEW_SIGNING_KEY_BYTES 32

/* What one secret may have: the values that hold beside each other are those of rotations. */
#define MOST_HOSTS 100
#define MOST_ROLES 100
#define MOST_VALUES 10

/* What those of one role may have together: the worker keeps all that there are, whoever's. */
#define MOST_SECRETS 2000
#define MOST_HOSTS_AND_ROLES 4000
#define MOST_BYTES (4 * 1024 * 1024)

/* the longest name of a file that systems have */
#define MAX_FILE_NAME_BYTES 255

static Statement set_statement = {
	.text = "INSERT INTO net._secrets AS s (name, owner, file, hosts, roles, changed) "
			"VALUES ($1, $2, $3, $4, $5, pg_catalog.clock_timestamp()) "
			"ON CONFLICT (name) DO UPDATE SET file = excluded.file, hosts = excluded.hosts, "
			"roles = excluded.roles, changed = excluded.changed "
			"WHERE pg_catalog.pg_has_role($2, s.owner, 'USAGE')",
	.argument_count = 5,
	.argument_types = {TEXTOID, OIDOID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID},
};

/* A secret that gets another value, if it is one whose value is in the database. */
static Statement touch_statement = {
	.text = "UPDATE net._secrets SET changed = pg_catalog.clock_timestamp() "
			"WHERE name OPERATOR(pg_catalog.=) $1 AND file IS NULL AND "
			"pg_catalog.pg_has_role($2, owner, 'USAGE')",
	.argument_count = 2,
	.argument_types = {TEXTOID, OIDOID},
};

static Statement drop_statement = {
	.text = "DELETE FROM net._secrets WHERE name OPERATOR(pg_catalog.=) $1 AND "
			"pg_catalog.pg_has_role($2, owner, 'USAGE')",
	.argument_count = 2,
	.argument_types = {TEXTOID, OIDOID},
};

/* Why one of these has changed nothing. */
static Statement look_statement = {
	.text = "SELECT file IS NULL FROM net._secrets WHERE name OPERATOR(pg_catalog.=) $1",
	.argument_count = 1,
	.argument_types = {TEXTOID},
};

static Statement forget_keys_statement = {
	.text = "DELETE FROM net._secret_keys WHERE name OPERATOR(pg_catalog.=) $1",
	.argument_count = 1,
	.argument_types = {TEXTOID},
};

static Statement forget_old_keys_statement = {
	.text = "DELETE FROM net._secret_keys WHERE name OPERATOR(pg_catalog.=) $1 AND "
			"coalesce(until, $2) OPERATOR(pg_catalog.<=) pg_catalog.clock_timestamp()",
	.argument_count = 2,
	.argument_types = {TEXTOID, TIMESTAMPTZOID},
};

static Statement end_key_statement = {
	.text = "UPDATE net._secret_keys SET until = $2 WHERE name OPERATOR(pg_catalog.=) $1 AND "
			"until IS NULL",
	.argument_count = 2,
	.argument_types = {TEXTOID, TIMESTAMPTZOID},
};

static Statement owner_statement = {
	.text = "SELECT owner FROM net._secrets WHERE name OPERATOR(pg_catalog.=) $1",
	.argument_count = 1,
	.argument_types = {TEXTOID},
};

/* How much there is of an owner, and of one secret. */
static Statement amounts_statement = {
	.text =
		"SELECT pg_catalog.count(*), pg_catalog.sum(pg_catalog.cardinality(s.hosts) "
		"OPERATOR(pg_catalog.+) pg_catalog.cardinality(s.roles))::pg_catalog.int8, "
		"(SELECT coalesce(pg_catalog.sum(pg_catalog.octet_length(k.value)), 0)::pg_catalog.int8 "
		"FROM net._secret_keys k JOIN net._secrets o ON o.name OPERATOR(pg_catalog.=) k.name "
		"WHERE o.owner OPERATOR(pg_catalog.=) $1), "
		"(SELECT pg_catalog.count(*) FROM net._secret_keys k "
		"WHERE k.name OPERATOR(pg_catalog.=) $2) "
		"FROM net._secrets s WHERE s.owner OPERATOR(pg_catalog.=) $1",
	.argument_count = 2,
	.argument_types = {OIDOID, TEXTOID},
};

static Statement add_key_statement = {
	.text = "INSERT INTO net._secret_keys (name, value) VALUES ($1, $2)",
	.argument_count = 2,
	.argument_types = {TEXTOID, BYTEAOID},
};

static void
refuse(const char *problem, const char *advice)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s", problem),
					errhint("%s", advice)));
}

/* The name, which may be one. */
static Datum
name_of(NullableDatum argument)
{
	text *name;

	if (argument.isnull)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("a secret must have a name")));
	name = DatumGetTextPP(argument.value);
	if (!pgnet_is_secret_name(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)))
		refuse("the name of a secret has 1 to 63 ASCII letters, digits, _, - and dots, and begins "
			   "with a letter or _",
			   "Choose one like stripe_key.");
	return PointerGetDatum(name);
}

/* Whether a text is the base64 of as many bytes as a key for signatures has. */
static bool
is_signing_key(const char *base64, int length)
{
	char bytes[MOST_SIGNING_KEY_BYTES + 3];
	int count = length > pg_b64_enc_len(MOST_SIGNING_KEY_BYTES)
					? -1
					: pg_b64_decode(base64, length, (void *) bytes, sizeof(bytes));

	explicit_bzero(bytes, sizeof(bytes));
	return count >= LEAST_SIGNING_KEY_BYTES && count <= MOST_SIGNING_KEY_BYTES;
}

/* Raises an error unless a value, in UTF-8, can be sent wherever a secret may be. */
static void
check_value(const char *value, int length)
{
	int prefix = strlen(SIGNING_KEY_PREFIX);

	if (length == 0)
		refuse("the value of a secret must not be empty",
			   "Use net.drop_secret to remove a secret.");
	if (length > PGNET_MAX_SECRET_BYTES)
		refuse(psprintf("the value of a secret must have at most %d bytes", PGNET_MAX_SECRET_BYTES),
			   "Send large values in the body.");
	if (memchr(value, '\r', length) != NULL || memchr(value, '\n', length) != NULL)
		refuse("the value of a secret must not contain a line break", "A header cannot hold one.");
	if (length > prefix && memcmp(value, SIGNING_KEY_PREFIX, prefix) == 0 &&
		!is_signing_key(value + prefix, length - prefix))
		refuse("the value is not a signing key, although it begins with whsec_",
			   "A key is whsec_ and 24 to 64 bytes in base64.");
}

/* Overwrites what was made of a value. */
static void
forget_bytes(Datum value)
{
	explicit_bzero(DatumGetPointer(value), VARSIZE(DatumGetPointer(value)));
	pfree(DatumGetPointer(value));
}

/* A value as its bytes in UTF-8, checked. The statement's text does not hold it any more. */
static Datum
value_of(Datum argument)
{
	char *server_text = TextDatumGetCString(argument);
	int server_length = strlen(server_text);
	const char *utf8;
	int length;
	bytea *bytes;

	pgnet_hide_in_statement(server_text);
	utf8 = pgnet_utf8(server_text, server_length, &length, "the value of the secret");
	check_value(utf8, length);
	bytes = palloc(VARHDRSZ + length);
	SET_VARSIZE(bytes, VARHDRSZ + length);
	memcpy(VARDATA(bytes), utf8, length);
	if (utf8 != server_text)
		explicit_bzero(unconstify(char *, utf8), length);
	explicit_bzero(server_text, server_length);
	return PointerGetDatum(bytes);
}

/* The name of a file, which leads nowhere but into the directory. */
static Datum
file_of(Datum argument)
{
	char *name = TextDatumGetCString(argument);
	int length = strlen(name);

	if (!has_privs_of_role(GetUserId(), ROLE_PG_READ_SERVER_FILES))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to name a file on the server"),
				 errhint("Only members of pg_read_server_files may name a file of a secret.")));
	if (length == 0 || length > MAX_FILE_NAME_BYTES || name[0] == '.' || strchr(name, '/') != NULL)
		refuse(
			"the file of a secret is the name of one in pg_net.secrets_directory, without a path",
			"Write it like stripe_key; it does not begin with a dot.");
	for (int i = 0; i < length; i++)
		if ((unsigned char) name[i] < ' ' || name[i] == 0x7f)
			refuse("the name of a file must not contain control characters", "Choose another.");
	return argument;
}

/* The elements of an array without dimensions or with one, none of them null. */
static int
elements_of(Datum array, Oid type, const char *problem, const char *advice, Datum **elements)
{
	ArrayType *list = DatumGetArrayTypeP(array);
	bool *nulls;
	int count;

	deconstruct_array(list, type, type == TEXTOID ? -1 : (int) sizeof(Oid), type != TEXTOID,
					  TYPALIGN_INT, elements, &nulls, &count);
	for (int i = 0; i < count; i++)
		if (nulls[i])
			refuse(problem, advice);
	if (ARR_NDIM(list) > 1)
		refuse(problem, advice);
	return count;
}

/* One of the hosts in its normal form. */
static Datum
normal_host(Datum element)
{
	char *entry = TextDatumGetCString(element);
	bool is_plain = pg_strncasecmp(entry, "http://", 7) == 0;
	bool is_secure = pg_strncasecmp(entry, "https://", 8) == 0;
	const char *pattern_text = entry + (is_plain ? 7 : is_secure ? 8 : 0);
	char normal[PGNET_HOST_PATTERN_SIZE];
	pgnet_host_pattern pattern;

	if (!pgnet_host_pattern_with_port(pattern_text, &pattern))
		refuse(psprintf("\"%s\" is not a host pattern", entry),
			   "Write api.example.com, *.example.com, * or an address, each with or without a port "
			   "like :8443; with http:// before it to allow that, too.");
	pgnet_host_pattern_text(&pattern, normal);
	return CStringGetTextDatum(is_plain ? psprintf("http://%s", normal) : pstrdup(normal));
}

/* The hosts in their normal forms, at least one. */
static Datum
hosts_of(NullableDatum argument)
{
	static const char advice[] = "Write them like '{api.example.com}'.";
	Datum *elements;
	int count = 0;

	if (!argument.isnull)
		count =
			elements_of(argument.value, TEXTOID, "hosts are a list of patterns", advice, &elements);
	if (count == 0)
		refuse("a secret has hosts that it may be sent to", advice);
	if (count > MOST_HOSTS)
		refuse(psprintf("a secret has at most %d hosts", MOST_HOSTS),
			   "One pattern like *.example.com stands for many.");
	for (int i = 0; i < count; i++)
		elements[i] = normal_host(elements[i]);
	return PointerGetDatum(construct_array(elements, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/* The names of the roles. */
static Datum
roles_of(NullableDatum argument)
{
	Datum *elements = NULL;
	int count = 0;

	if (!argument.isnull)
		count = elements_of(argument.value, REGROLEOID, "roles are a list of roles",
							"Write them like '{alice,bob}'.", &elements);
	if (count > MOST_ROLES)
		refuse(psprintf("a secret has at most %d roles", MOST_ROLES),
			   "Grant one role to the others, and name that.");
	for (int i = 0; i < count; i++)
	{
		Oid role = DatumGetObjectId(elements[i]);
		char *name = GetUserNameFromId(role, true);

		if (name == NULL)
			ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
							errmsg("role with OID %u does not exist", role)));
		elements[i] = CStringGetTextDatum(name);
	}
	if (count == 0)
		return PointerGetDatum(construct_empty_array(TEXTOID));
	return PointerGetDatum(construct_array(elements, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/* Begins to write the tables as their owner. */
static AsOwner
begin_writing(void)
{
	Oid table;
	AsOwner caller;

	pgnet_require_preloaded();
	table = pgnet_secrets_table();
	if (!OidIsValid(table))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("table net._secrets is missing")));
	caller = pgnet_as_owner_begin(table);
	SPI_connect();
	return caller;
}

static void
end_writing(AsOwner caller)
{
	SPI_finish();
	pgnet_as_owner_end(caller);
}

static void
refuse_role(Datum name)
{
	ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					errmsg("secret \"%s\" belongs to another role", TextDatumGetCString(name)),
					errhint("Choose another name, or be granted the role that owns it.")));
}

static void
refuse_more(const char *problem, const char *advice)
{
	ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("%s", problem),
					errhint("%s", advice)));
}

/*
 * Raises an error when a secret that was written makes too much of what its owner has: the worker has no more memory for those
 * of one role. Who writes others of the role at the same time waits, and whoever began before that is counted too.
 */
static void
check_amounts(Datum name)
{
	Oid table = pgnet_secrets_table();
	Datum values[] = {(Datum) 0, name};

	pgnet_execute(&owner_statement, &name, NULL, SPI_OK_SELECT);
	if (SPI_processed == 0)
		return;
	values[0] = pgnet_result_value(0, 1);
	LockDatabaseObject(table, DatumGetObjectId(values[0]), 0, ExclusiveLock);
	pgnet_prepare(&amounts_statement);
	if (SPI_execute_snapshot(amounts_statement.plan, values, NULL, GetLatestSnapshot(),
							 InvalidSnapshot, true, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not execute \"%s\"", amounts_statement.text);
	if (DatumGetInt64(pgnet_result_value(0, 1)) > MOST_SECRETS)
		refuse_more(psprintf("a role has at most %d secrets", MOST_SECRETS),
					"Those of webhooks count, too. Remove some with net.drop_secret.");
	if (DatumGetInt64(pgnet_result_value(0, 2)) > MOST_HOSTS_AND_ROLES)
		refuse_more(psprintf("the secrets of a role have at most %d hosts and roles together",
							 MOST_HOSTS_AND_ROLES),
					"One pattern like *.example.com stands for many.");
	if (DatumGetInt64(pgnet_result_value(0, 3)) > MOST_BYTES)
		refuse_more(
			psprintf("the secrets of a role have at most %d MB together", MOST_BYTES / 1024 / 1024),
			"Send large values in the body.");
	if (DatumGetInt64(pgnet_result_value(0, 4)) > MOST_VALUES)
		refuse_more(psprintf("a secret has at most %d values at once", MOST_VALUES),
					"Let earlier ones end before it is rotated again.");
}

/* Says why a secret cannot get another value. */
static void
refuse_new_value(Datum name)
{
	pgnet_execute(&look_statement, &name, NULL, SPI_OK_SELECT);
	if (SPI_processed == 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("secret \"%s\" does not exist", TextDatumGetCString(name)),
						errhint("SELECT name FROM net.secrets lists those that you may use.")));
	if (DatumGetBool(pgnet_result_value(0, 1)))
		refuse_role(name);
	refuse(psprintf("the value of secret \"%s\" is in a file", TextDatumGetCString(name)),
		   "Write the new value into the file.");
}

/* net.set_secret(name text, value text, file text, hosts text[], roles regrole[]). */
Datum
pgnet_set_secret(PG_FUNCTION_ARGS)
{
	ErrorContextCallback *callers = pgnet_hide_context();
	bool is_value = !PG_ARGISNULL(1);
	bool is_file = !PG_ARGISNULL(2);
	/* first, so that no error quotes a statement that holds it */
	Datum value = is_value ? value_of(PG_GETARG_DATUM(1)) : (Datum) 0;
	Datum name = name_of(fcinfo->args[0]);
	Datum values[5] = {name, ObjectIdGetDatum(GetUserId())};
	Datum key[] = {name, value};
	AsOwner caller;

	if (is_value == is_file)
		refuse("a secret has either a value or a file",
			   "Give one of the arguments value and file.");
	values[2] = is_file ? file_of(PG_GETARG_DATUM(2)) : (Datum) 0;
	values[3] = hosts_of(fcinfo->args[3]);
	values[4] = roles_of(fcinfo->args[4]);
	caller = begin_writing();
	pgnet_execute(&set_statement, values, is_file ? NULL : "  n  ", SPI_OK_INSERT);
	if (SPI_processed == 0)
		refuse_role(name);
	pgnet_execute(&forget_keys_statement, &name, NULL, SPI_OK_DELETE);
	if (is_value)
		pgnet_execute(&add_key_statement, key, NULL, SPI_OK_INSERT);
	check_amounts(name);
	end_writing(caller);
	if (is_value)
		forget_bytes(value);
	pgnet_show_context(callers);
	PG_RETURN_VOID();
}

/* net._rotate_secret(name text, value text, old_until timestamptz). */
Datum
pgnet_rotate_secret(PG_FUNCTION_ARGS)
{
	ErrorContextCallback *callers = pgnet_hide_context();
	Datum value;
	Datum name;
	Datum until = PG_ARGISNULL(2) ? TimestampTzGetDatum(GetCurrentTimestamp()) : PG_GETARG_DATUM(2);
	Datum values[2];
	AsOwner caller;

	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("a secret must have a value")));
	value = value_of(PG_GETARG_DATUM(1));
	name = name_of(fcinfo->args[0]);
	values[0] = name;
	values[1] = ObjectIdGetDatum(GetUserId());
	caller = begin_writing();
	pgnet_execute(&touch_statement, values, NULL, SPI_OK_UPDATE);
	if (SPI_processed == 0)
		refuse_new_value(name);
	values[1] = until;
	pgnet_execute(&forget_old_keys_statement, values, NULL, SPI_OK_DELETE);
	pgnet_execute(&end_key_statement, values, NULL, SPI_OK_UPDATE);
	values[1] = value;
	pgnet_execute(&add_key_statement, values, NULL, SPI_OK_INSERT);
	check_amounts(name);
	end_writing(caller);
	forget_bytes(value);
	pgnet_show_context(callers);
	PG_RETURN_VOID();
}

/* net.drop_secret(name text): false when there is none. */
Datum
pgnet_drop_secret(PG_FUNCTION_ARGS)
{
	Datum name = name_of(fcinfo->args[0]);
	Datum values[] = {name, ObjectIdGetDatum(GetUserId())};
	AsOwner caller = begin_writing();
	bool found;

	pgnet_execute(&drop_statement, values, NULL, SPI_OK_DELETE);
	found = SPI_processed > 0;
	if (!found)
	{
		pgnet_execute(&look_statement, &name, NULL, SPI_OK_SELECT);
		if (SPI_processed > 0)
			refuse_role(name);
	}
	end_writing(caller);
	PG_RETURN_BOOL(found);
}

/* net._new_signing_key(): whsec_ and random bytes in base64. */
Datum
pgnet_new_signing_key(PG_FUNCTION_ARGS)
{
	uint8 bytes[NEW_SIGNING_KEY_BYTES];
	char text[sizeof(SIGNING_KEY_PREFIX) + NEW_SIGNING_KEY_BYTES * 2] = SIGNING_KEY_PREFIX;
	int prefix = strlen(SIGNING_KEY_PREFIX);
	int length;

	if (!pg_strong_random(bytes, sizeof(bytes)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
	length = pg_b64_encode((void *) bytes, sizeof(bytes), text + prefix, sizeof(text) - prefix);
	explicit_bzero(bytes, sizeof(bytes));
	if (length < 0)
		elog(ERROR, "base64 has no room");
	PG_RETURN_TEXT_P(cstring_to_text_with_len(text, prefix + length));
}
