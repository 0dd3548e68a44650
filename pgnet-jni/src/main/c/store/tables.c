/*
 * tables.c
 *		The extension's tables: where they are, and whether they are as the worker's statements read and fill them.
 *
 * Their owner may alter them, and is trusted with no more than its own rights: a column of another type, read as what it was,
 * would be a pointer of the owner's choice. So the definitions are checked whenever they have changed, and the types of what
 * a statement returns once more: a change may come between the two.
 */
#include "store/tables.h"
#include "shared/own_table.h"
#include "shared/table_owner.h"
#include "store/detail_rows.h"
#include "store/response_rows.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/dependency.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "rewrite/prs2lock.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

Oid pgnet_queue_oid = InvalidOid;
Oid pgnet_responses_oid = InvalidOid;
Oid pgnet_details_oid = InvalidOid;
bool pgnet_extension_dropped = false;

/* the tables that were last looked at, whether they were as they should be, and how often they have changed since */
static Oid known_queue = InvalidOid;
static Oid known_responses = InvalidOid;
static Oid known_details = InvalidOid;
static bool known_to_be_right = false;
static uint64 changes = 0;

/* those that the worker reads */
static const RowColumn queue_columns[] = {
	{"id", INT8OID},
	{"method", TEXTOID},
	{"url", TEXTOID},
	{"headers", JSONBOID},
	{"body", BYTEAOID},
	{"timeout_milliseconds", INT4OID},
	{"owner", OIDOID},
	{"on_response", TEXTOID},
	{"context", JSONBOID},
	{"created", TIMESTAMPTZOID},
	{"policy", TEXTOID},
	{"not_before", TIMESTAMPTZOID},
	{"expires", TIMESTAMPTZOID},
	{"priority", TEXTOID},
	{"order_key", TEXTOID},
	{"webhook", TEXTOID},
};

static const RowColumn delivery_columns[] = {
	{"request_id", INT8OID},  {"version", INT8OID},
	{"owner", OIDOID},        {"due", TIMESTAMPTZOID},
	{"attempts", INT4OID},    {"counted", INT4OID},
	{"last_status", INT4OID}, {"first_due", TIMESTAMPTZOID},
	{"last_error", TEXTOID},  {"left_alone_until", TIMESTAMPTZOID},
};

static const RowColumn attempt_columns[] = {
	{"request_id", INT8OID},   {"attempt", INT4OID},     {"started", TIMESTAMPTZOID},
	{"duration", INTERVALOID}, {"status_code", INT4OID}, {"timed_out", BOOLOID},
	{"error_msg", TEXTOID},    {"owner", OIDOID},
};

static const RowColumn dead_letter_columns[] = {
	{"id", INT8OID},
	{"method", TEXTOID},
	{"url", TEXTOID},
	{"headers", JSONBOID},
	{"body", BYTEAOID},
	{"timeout_milliseconds", INT4OID},
	{"owner", OIDOID},
	{"created", TIMESTAMPTZOID},
	{"policy", TEXTOID},
	{"not_before", TIMESTAMPTZOID},
	{"expires", TIMESTAMPTZOID},
	{"priority", TEXTOID},
	{"order_key", TEXTOID},
	{"on_response", TEXTOID},
	{"context", JSONBOID},
	{"secrets", TEXTARRAYOID},
	{"sign_with", TEXTOID},
	{"store", TEXTOID},
	{"webhook", TEXTOID},
	{"attempts", INT4OID},
	{"status_code", INT4OID},
	{"error_msg", TEXTOID},
	{"reason", TEXTOID},
	{"died", TIMESTAMPTZOID},
	{"responded", TIMESTAMPTZOID},
};

/* What the worker's statements fill beside the three, and read; of the policies there is nothing to fill. */
static const struct
{
	const char *name;
	const RowColumn *columns;
	int count;
} other_tables[] = {
	{"_delivery", delivery_columns, lengthof(delivery_columns)},
	{"attempts", attempt_columns, lengthof(attempt_columns)},
	{"dead_letters", dead_letter_columns, lengthof(dead_letter_columns)},
	{"policies", NULL, 0},
};

/* InvalidOid for what is not there */
static Oid known_others[lengthof(other_tables)];

/* Whether a table is one of those beside the three. */
static bool
is_other_table(Oid table)
{
	for (int i = 0; i < lengthof(other_tables); i++)
		if (known_others[i] == table)
			return true;
	return false;
}

/* Something about a table has changed, or about any. */
static void
note_change(Datum arg, Oid table)
{
	if (table == InvalidOid || table == known_queue || table == known_responses ||
		table == known_details || is_other_table(table))
	{
		known_to_be_right = false;
		changes++;
	}
}

/* How often the tables have changed, as far as this process has heard. TRUNCATE is a change. */
uint64
pgnet_table_changes(void)
{
	return changes;
}

/* Has changes told from here on. */
static void
watch_tables(void)
{
	static bool watching = false;

	if (!watching)
		CacheRegisterRelcacheCallback(note_change, (Datum) 0);
	watching = true;
}

/* What is wrong with a column; NULL when nothing is. A filled one must take the value that it is given. */
static const char *
fault_of_column(Relation table, RowColumn column, bool filled)
{
	HeapTuple tuple = SearchSysCacheAttName(RelationGetRelid(table), column.name);
	Form_pg_attribute attribute;
	const char *fault = NULL;

	if (!HeapTupleIsValid(tuple))
		return psprintf("table net.%s has no column \"%s\"", RelationGetRelationName(table),
						column.name);
	attribute = (Form_pg_attribute) GETSTRUCT(tuple);
	if (getBaseType(attribute->atttypid) != column.type)
		fault = psprintf("column \"%s\" of table net.%s is of type %s instead of %s", column.name,
						 RelationGetRelationName(table),
						 format_type_with_typemod(attribute->atttypid, -1),
						 format_type_be(column.type));
	else if (filled && (attribute->attgenerated != '\0' ||
						attribute->attidentity == ATTRIBUTE_IDENTITY_ALWAYS))
		fault = psprintf("column \"%s\" of table net.%s is generated", column.name,
						 RelationGetRelationName(table));
	ReleaseSysCache(tuple);
	return fault;
}

/* Whether a rule puts something else in the place of the worker's statements. */
static bool
has_rule_instead(Relation table)
{
	for (int i = 0; table->rd_rules != NULL && i < table->rd_rules->numLocks; i++)
		if (table->rd_rules->rules[i]->isInstead)
			return true;
	return false;
}

/* What is wrong with a table as a whole; NULL when nothing is. */
static const char *
fault_of_relation(Relation table)
{
	const char *name = RelationGetRelationName(table);

	if (table->rd_rel->relkind != RELKIND_RELATION)
		return psprintf("net.%s is not a plain table", name);
	if (table->rd_rel->relhassubclass &&
		find_inheritance_children(RelationGetRelid(table), NoLock) != NIL)
		return psprintf("table net.%s has children", name);
	if (has_rule_instead(table))
		return psprintf("table net.%s has a rule that replaces the worker's statements", name);
	return NULL;
}

/* What is wrong with the queue; NULL when nothing is. */
static const char *
fault_of_queue(Relation table)
{
	const char *fault = fault_of_relation(table);

	for (int i = 0; fault == NULL && i < lengthof(queue_columns); i++)
		fault = fault_of_column(table, queue_columns[i], false);
	return fault;
}

/* What is wrong with a table that the worker fills; NULL when nothing is. */
static const char *
fault_of_filled(Relation table, const RowColumn *columns, int count)
{
	const char *fault = fault_of_relation(table);

	for (int i = 0; fault == NULL && i < count; i++)
		fault = fault_of_column(table, columns[i], true);
	return fault;
}

/* What is wrong with the table of the responses; NULL when nothing is. */
static const char *
fault_of_responses(Relation table)
{
	return fault_of_filled(table, pgnet_response_columns, ROW_COLUMNS);
}

/* What is wrong with the table of what stands beside them; NULL when nothing is. */
static const char *
fault_of_details(Relation table)
{
	return fault_of_filled(table, pgnet_detail_columns, ROW_COLUMNS);
}

/* What is wrong with one of the other tables that the worker fills; NULL when nothing is. */
static const char *
fault_of_other(Relation table)
{
	for (int i = 0; i < lengthof(other_tables); i++)
		if (known_others[i] == RelationGetRelid(table))
			return fault_of_filled(table, other_tables[i].columns, other_tables[i].count);
	return NULL;
}

/* What is wrong with a table; NULL when nothing is, or somebody drops it now. */
static const char *
fault_of(Oid oid, const char *(*find_fault)(Relation))
{
	Relation table = try_relation_open(oid, AccessShareLock);
	const char *fault;

	if (table == NULL)
		return "a table of the extension was just dropped";
	fault = find_fault(table);
	relation_close(table, AccessShareLock);
	return fault;
}

/* Whether a table's owner, whose triggers run with the rights of a role, has these. */
static bool
owner_may_act_as(Oid table, Oid role)
{
	return !OidIsValid(table) || has_privs_of_role(pgnet_table_owner(table), role);
}

/*
 * What is wrong with the owners of the tables; NULL when nothing is. The worker's statements run as the queue's, who needs the
 * rights of the others; and so does what the others put on their tables, who would gain the rights of the queue's.
 */
static const char *
fault_of_owners(Oid queue)
{
	Oid owner = pgnet_table_owner(queue);
	bool right = has_privs_of_role(owner, pgnet_table_owner(pgnet_responses_oid)) &&
				 has_privs_of_role(owner, pgnet_table_owner(pgnet_details_oid)) &&
				 owner_may_act_as(pgnet_responses_oid, owner) &&
				 owner_may_act_as(pgnet_details_oid, owner);

	for (int i = 0; i < lengthof(other_tables); i++)
		right = right && owner_may_act_as(known_others[i], owner);
	return right ? NULL
				 : "the tables of schema net belong to several roles; make them one's with ALTER "
				   "TABLE ... OWNER TO";
}

/* Why the worker cannot serve these tables, NULL when it can. */
static const char *
fault_of_tables(Oid queue, Oid extension)
{
	const char *fault;

	if (!OidIsValid(extension))
		return "the extension is not installed there; run CREATE EXTENSION pg_net";
	if (!OidIsValid(queue) || getExtensionOfObject(RelationRelationId, queue) != extension)
		return "schema net does not hold the tables of the extension; install it again";
	if (get_attnum(queue, "owner") == InvalidAttrNumber)
		return "its extension pg_net is older than 1.0; run ALTER EXTENSION pg_net UPDATE";
	if (!OidIsValid(pgnet_details_oid))
		return "schema net has no table _response_detail; install the extension again";
	for (int i = 0; i < lengthof(other_tables); i++)
		if (!OidIsValid(known_others[i]))
			return psprintf("table net.%s is missing; install the extension again",
							other_tables[i].name);
	fault = fault_of(queue, fault_of_queue);
	if (fault == NULL)
		fault = fault_of(pgnet_responses_oid, fault_of_responses);
	if (fault == NULL)
		fault = fault_of(pgnet_details_oid, fault_of_details);
	for (int i = 0; fault == NULL && i < lengthof(other_tables); i++)
		if (other_tables[i].count > 0)
			fault = fault_of(known_others[i], fault_of_other);
	return fault == NULL ? fault_of_owners(queue) : fault;
}

/* Finds the tables beside the three. Whether they are those that were last looked at. */
static bool
find_others(void)
{
	bool same = true;

	for (int i = 0; i < lengthof(other_tables); i++)
	{
		Oid table = pgnet_find_table(other_tables[i].name);

		same = same && table == known_others[i];
		known_others[i] = table;
	}
	return same;
}

/* Finds the extension's tables. Returns why there are none that this worker can serve, an empty text when there are. */
const char *
pgnet_find_tables(void)
{
	Oid queue = InvalidOid;

	watch_tables();
	pgnet_queue_oid = InvalidOid;
	pgnet_extension_dropped = false;
	pgnet_responses_oid = pgnet_find_table("_http_response");
	pgnet_details_oid = pgnet_find_table("_response_detail");
	if (OidIsValid(pgnet_responses_oid))
		queue = pgnet_find_table("http_request_queue");
	if (!find_others() || queue != known_queue || pgnet_responses_oid != known_responses ||
		pgnet_details_oid != known_details)
		known_to_be_right = false;
	known_queue = queue;
	known_responses = pgnet_responses_oid;
	known_details = pgnet_details_oid;
	if (!known_to_be_right)
	{
		uint64 changes_before = changes;
		/* PostgreSQL does not cache it, and whoever drops the extension changes its tables */
		Oid extension = get_extension_oid("pg_net", true);
		const char *fault = fault_of_tables(queue, extension);

		pgnet_extension_dropped = !OidIsValid(extension);
		if (fault != NULL)
			return fault;
		known_to_be_right = changes == changes_before;
	}
	pgnet_queue_oid = queue;
	return "";
}
