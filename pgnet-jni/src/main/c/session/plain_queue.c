/*
 * plain_queue.c
 *		Whether the queue is as the extension made it, so that a row may go there without a statement: whatever an INSERT by
 *		this role would do beside what the extension's own trigger does, it does not do here. That is found out when something
 *		has changed, not for every row.
 */
#include "session/plain_queue.h"
#include "session/enqueue.h"
#include "session/queue_columns.h"
#include "session/schedule.h"
#include "shared/compat.h"
#include "shared/plain_key.h"

#include "access/parallel.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "nodes/primnodes.h"
#include "rewrite/rowsecurity.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/syscache.h"

/* so many changes of the catalogue have come to this process, beside those of the table */
static uint64 catalogue_changes = 0;

/* What is known, and as of which changes. */
static uint64 known_changes = PG_UINT64_MAX;
static Oid schema;
static Oid table;
static bool is_plain;
static bool has_own_policy; /* which lets in what a role requests itself */
static Oid requester;       /* net._requester() */
static Oid key;
static Oid sequence;

/* the role that may insert so many columns, the first ones of those that are given */
static Oid allowed_role;
static int allowed_columns;

/* Something of the catalogue has changed. */
static void
note_change(Datum arg, int cache, uint32 hash)
{
	catalogue_changes++;
}

/* Notes changes of schemas, functions, roles and memberships. The table is watched with its columns. */
static void
watch(void)
{
	static bool watching = false;

	if (watching)
		return;
	CacheRegisterSyscacheCallback(NAMESPACEOID, note_change, (Datum) 0);
	CacheRegisterSyscacheCallback(PROCOID, note_change, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHOID, note_change, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, note_change, (Datum) 0);
	watching = true;
}

/* Whether a column takes what is given for it as it is, and is filled by nothing else but an identity. */
static bool
is_plain_column(Form_pg_attribute attribute, QueueColumn column)
{
	Oid type = attribute->atttypid;

	return (column == COLUMN_METHOD ? get_typtype(type) == TYPTYPE_DOMAIN
									: type == pgnet_queue_column_type(column)) &&
		   attribute->atttypmod == -1 && attribute->attgenerated == '\0' &&
		   (attribute->attidentity != '\0') == (column == COLUMN_ID);
}

/* Whether the table has the extension's columns and no others. */
static bool
has_plain_columns(TupleDesc descriptor, const AttrNumber *attributes)
{
	int count = 0;

	for (int i = 0; i < descriptor->natts; i++)
		count += !TupleDescAttr(descriptor, i)->attisdropped;
	for (int i = 0; i < QUEUE_COLUMN_COUNT; i++)
		if (!is_plain_column(TupleDescAttr(descriptor, attributes[i] - 1), i))
			return false;
	return count == QUEUE_COLUMN_COUNT;
}

/* Whether a function is this one of the library, called as it is: without SECURITY DEFINER or settings. */
static bool
is_function(Oid oid, PGFunction function)
{
	FmgrInfo info;

	fmgr_info(oid, &info);
	return info.fn_addr == function;
}

/* The function that an expression calls without an argument; InvalidOid for any other expression. */
static Oid
called_function(const char *expression)
{
	Node *node = stringToNode(expression);

	return IsA(node, FuncExpr) && ((FuncExpr *) node)->args == NIL ? ((FuncExpr *) node)->funcid
																   : InvalidOid;
}

/* Whether the columns that are not given get what the extension gives them. */
static bool
has_own_defaults(TupleDesc descriptor, const AttrNumber *attributes)
{
	TupleConstr *constraints = descriptor->constr;
	int own = 0;

	for (int i = 0; constraints != NULL && i < constraints->num_defval; i++)
	{
		AttrNumber column = constraints->defval[i].adnum;
		Oid function = called_function(constraints->defval[i].adbin);

		if (column == attributes[COLUMN_TIMEOUT])
			continue; /* it is given */
		if (column == attributes[COLUMN_OWNER] && OidIsValid(function) &&
			is_function(function, pgnet_requester))
			requester = function;
		else if (column != attributes[COLUMN_CREATED] || function != F_CLOCK_TIMESTAMP)
			return false;
		own++;
	}
	return own == 2;
}

/*
 * Whether the triggers of an INSERT are the extension's. The one that is called afterwards sees to requests that are scheduled;
 * these are inserted by a statement.
 */
static bool
has_own_triggers(const TriggerDesc *triggers)
{
	bool is_checked = false;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		const Trigger *trigger = &triggers->triggers[i];

		if (!TRIGGER_FOR_INSERT(trigger->tgtype))
			continue;
		if (!TRIGGER_FOR_ROW(trigger->tgtype))
			return false;
		if (TRIGGER_FOR_BEFORE(trigger->tgtype) && trigger->tgenabled == TRIGGER_FIRES_ALWAYS &&
			trigger->tgqual == NULL && is_function(trigger->tgfoid, pgnet_queue_request))
			is_checked = true;
		else if (!TRIGGER_FOR_AFTER(trigger->tgtype) ||
				 !is_function(trigger->tgfoid, pgnet_schedule))
			return false;
	}
	return is_checked;
}

/* Whether a policy holds for all roles. */
static bool
is_for_public(const RowSecurityPolicy *policy)
{
	return ArrayGetNItems(ARR_NDIM(policy->roles), ARR_DIMS(policy->roles)) == 1 &&
		   ((Oid *) ARR_DATA_PTR(policy->roles))[0] == ACL_ID_PUBLIC;
}

/* Whether an expression is pg_has_role(owner, 'USAGE'). */
static bool
is_membership(const Expr *expression, AttrNumber owner)
{
	const FuncExpr *call = (const FuncExpr *) expression;
	const Var *role;
	const Const *privilege;

	if (call == NULL || !IsA(call, FuncExpr) || call->funcid != F_PG_HAS_ROLE_OID_TEXT)
		return false;
	role = linitial(call->args);
	privilege = lsecond(call->args);
	return IsA(role, Var) && role->varattno == owner && IsA(privilege, Const) &&
		   !privilege->constisnull &&
		   strcmp(TextDatumGetCString(privilege->constvalue), "USAGE") == 0;
}

/* Whether the extension's policy is there, and no other. */
static bool
has_only_own_policy(Relation queue, AttrNumber owner)
{
	List *policies = queue->rd_rsdesc == NULL ? NIL : queue->rd_rsdesc->policies;
	RowSecurityPolicy *policy = list_length(policies) == 1 ? linitial(policies) : NULL;

	return policy != NULL && policy->polcmd == '*' && policy->permissive && is_for_public(policy) &&
		   policy->with_check_qual == NULL && is_membership(policy->qual, owner);
}

/* Finds out whether the table is as the extension made it. */
static bool
is_as_made(Relation queue, const AttrNumber *attributes)
{
	TupleDesc descriptor = RelationGetDescr(queue);

	key = pgnet_plain_key(queue, attributes[COLUMN_ID]);
	return OidIsValid(key) && queue->rd_rel->relkind == RELKIND_RELATION &&
		   queue->rd_rel->relam == HEAP_TABLE_AM_OID && !queue->rd_rel->relispartition &&
		   queue->rd_rules == NULL && queue->rd_rel->relchecks == 0 &&
		   has_plain_columns(descriptor, attributes) && has_own_defaults(descriptor, attributes);
}

static uint64
changes(void)
{
	return catalogue_changes + pgnet_queue_changes();
}

static bool
is_up_to_date(void)
{
	return known_changes == changes();
}

/* The table that has the name of the queue; InvalidOid for none. */
static Oid
find_queue(void)
{
	schema = get_namespace_oid("net", true);
	return OidIsValid(schema) ? get_relname_relid("http_request_queue", schema) : InvalidOid;
}

/* Whether a role has a privilege for the table or a column. */
static bool
has_privilege(AttrNumber attribute, Oid role, AclMode privilege)
{
	return pg_class_aclcheck(table, role, privilege) == ACLCHECK_OK ||
		   pg_attribute_aclcheck(table, attribute, role, privilege) == ACLCHECK_OK;
}

/* Whether a role may do all that an INSERT of these columns that returns the id does, and the policy lets its row in. */
static bool
may_insert(Oid role, int given_columns, const AttrNumber *attributes)
{
	for (int i = 0; i < given_columns; i++)
		if (!has_privilege(attributes[i], role, ACL_INSERT))
			return false;
	return has_privilege(attributes[COLUMN_ID], role, ACL_SELECT) &&
		   pgnet_may_use_schema(schema, role) && pgnet_may_execute(requester, role) &&
		   pgnet_may_execute(F_CLOCK_TIMESTAMP, role) &&
		   (has_own_policy || check_enable_rls(table, role, true) != RLS_ENABLED);
}

/* Whether the role in force may, which is found out once while it stays the same. */
static bool
is_allowed(int given_columns, const AttrNumber *attributes)
{
	Oid role = GetUserId();

	if (role == allowed_role && given_columns <= allowed_columns)
		return true;
	if (!may_insert(role, given_columns, attributes))
		return false;
	allowed_role = role;
	allowed_columns = given_columns;
	return true;
}

/* Finds out how the table is that was opened. What changes meanwhile, or an error, makes that not be known. */
static void
look_at(Relation queue)
{
	const AttrNumber *attributes;
	uint64 changes_before;

	is_plain = false;
	if (!has_own_triggers(queue->trigdesc))
		return; /* it may lack columns, too, with which it is watched */
	attributes = pgnet_queue_attributes(queue);
	changes_before = changes();
	allowed_role = InvalidOid;
	if (is_as_made(queue, attributes) && find_queue() == table)
	{
		has_own_policy = has_only_own_policy(queue, attributes[COLUMN_OWNER]);
		sequence = pgnet_identity_sequence(queue, attributes[COLUMN_ID]);
		is_plain = true;
	}
	known_changes = changes_before;
}

/* Whether a statement would be refused, or seen by another extension. */
static bool
is_statement_needed(void)
{
	return XactReadOnly || IsInParallelMode() || !row_security || ExecutorCheckPerms_hook != NULL;
}

/*
 * Opens the queue, if an INSERT by the role in force of so many of the given columns would store a row as it is after the
 * extension's trigger, with an id of its own, its owner and the moment. False if anything else would happen, or there is none.
 */
bool
pgnet_open_plain_queue(PlainQueue *queue, int given_columns)
{
	if (is_statement_needed())
		return false;
	watch();
	if (!is_up_to_date())
		table = find_queue();
	queue->table = OidIsValid(table) ? try_table_open(table, RowExclusiveLock) : NULL;
	if (queue->table == NULL)
		return false;
	if (!is_up_to_date())
		look_at(queue->table);
	if (is_plain)
	{
		queue->attributes = pgnet_queue_attributes(queue->table);
		queue->key = key;
		queue->sequence = sequence;
		if (is_allowed(given_columns, queue->attributes))
			return true;
	}
	table_close(queue->table, NoLock); /* the statement needs the same lock */
	return false;
}
