/*
 * webhook_trigger.c
 *		The trigger of tables that have webhooks: one for each event, whose arguments are the names of the webhooks. It has the
 *		rows of the whole statement, unless it is a row trigger.
 */
#include "postgres.h"

#include "session/replication.h"
#include "session/webhook_evaluation.h"
#include "session/webhook_table.h"
#include "shared/as_owner.h"
#include "shared/memory.h"
#include "shared/table_owner.h"

#include "catalog/partition.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(pgnet_webhook);

/* So many rows are evaluated together. */
#define ROWS_AT_A_TIME 500

/* What is sent looks the same, whoever writes to the table. */
static const struct
{
	const char *name;
	const char *value;
} formats[] = {
	{"bytea_output", "hex"},
	{"datestyle", "ISO, MDY"},
	{"intervalstyle", "postgres"},
	{"extra_float_digits", "1"},
};

/*
 * The table that has the trigger: for one that a partition has of its parent's, that is the parent. After a restore it is looked
 * for in all triggers, until the webhook is changed.
 */
static Oid
table_of(const TriggerData *trigger, const Webhook *webhook)
{
	Oid table = RelationGetRelid(trigger->tg_relation);

	if (!trigger->tg_trigger->tgisclone)
		return table;
	if (!OidIsValid(webhook->relation))
		return pgnet_webhook_table(webhook->name, pgnet_webhook_owner(webhook), InvalidOid);
	return list_member_oid(get_partition_ancestors(table), webhook->relation) ? webhook->relation
																			  : InvalidOid;
}

/*
 * Whether a webhook may be set off by a table, and so be evaluated with the rights of the table's owner: anybody may name any
 * webhook in a trigger of a table of his own. Whoever was given the table, by REASSIGN OWNED for example, looks at its webhooks
 * first, unless the one who made them could act as the new owner.
 */
static bool
is_of(const Webhook *webhook, Oid table)
{
	Oid owner = pgnet_webhook_owner(webhook);
	Oid table_owner = pgnet_table_owner(table);

	if (!OidIsValid(owner) || !OidIsValid(table_owner))
		return false;
	if (OidIsValid(webhook->relation))
		return webhook->relation == table && has_privs_of_role(owner, table_owner);
	return owner == table_owner;
}

/* The evaluations of the webhooks that a trigger names. */
static List *
evaluations_of(const TriggerData *trigger, WebhookEvent *event, Oid *owner)
{
	List *webhooks = pgnet_webhooks();
	List *evaluations = NIL;

	for (int i = 0; i < trigger->tg_trigger->tgnargs; i++)
	{
		const Webhook *webhook = pgnet_webhook_named(webhooks, trigger->tg_trigger->tgargs[i]);
		Oid table;

		if (webhook == NULL || !webhook->enabled)
			continue;
		table = table_of(trigger, webhook);
		if (!OidIsValid(table) || !is_of(webhook, table))
			continue;
		*event = pgnet_webhook_event(trigger->tg_event, table);
		*owner = pgnet_table_owner(table);
		evaluations = lappend(
			evaluations, pgnet_webhook_evaluation(webhook, *owner, trigger->tg_relation, event));
	}
	return evaluations;
}

/* Takes on the rights of the tables' owner, and the formats of what is sent. */
static AsOwner
begin_as(Oid owner)
{
	AsOwner caller = pgnet_as_role_begin(owner);

	for (int i = 0; i < lengthof(formats); i++)
		(void) set_config_option(formats[i].name, formats[i].value, PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
	return caller;
}

/* Has all webhooks evaluate all rows. */
static void
evaluate(List *evaluations, TriggerData *trigger, MemoryContext memory)
{
	RowPairs *pairs = pgnet_row_pairs_begin(trigger);
	RowPair *rows = palloc(ROWS_AT_A_TIME * sizeof(RowPair));
	MemoryContext part = AllocSetContextCreate(memory, "pg_net rows", ALLOCSET_DEFAULT_SIZES);
	int count;
	ListCell *cell;

	while ((count = pgnet_row_pairs_next(pairs, rows, ROWS_AT_A_TIME, part)) > 0)
	{
		MemoryContextSwitchTo(part);
		foreach (cell, evaluations)
			pgnet_webhook_evaluate(lfirst(cell), rows, count);
		MemoryContextSwitchTo(memory);
		MemoryContextReset(part);
	}
	foreach (cell, evaluations)
		pgnet_webhook_warn(lfirst(cell));
}

/* Refuses calls that are not those of a webhook's trigger. */
static TriggerData *
trigger_of(FunctionCallInfo fcinfo)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		(TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event) &&
		 ((trigger->tg_newtable == NULL && (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ||
											TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))) ||
		  (trigger->tg_oldtable == NULL && (TRIGGER_FIRED_BY_DELETE(trigger->tg_event) ||
											TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))))))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("net._webhook() is a trigger that net.create_webhook makes")));
	return trigger;
}

/* AFTER INSERT, UPDATE, DELETE or TRUNCATE on tables that have webhooks. */
Datum
pgnet_webhook(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_of(fcinfo);
	MemoryContext memory;
	MemoryContext before;
	WebhookEvent event;
	List *evaluations;
	Oid owner = InvalidOid;

	if (pgnet_is_replicated_row())
		return PointerGetDatum(NULL);
	pgnet_require_preloaded();
	memory = AllocSetContextCreate(CurrentMemoryContext, "pg_net webhooks", ALLOCSET_DEFAULT_SIZES);
	before = MemoryContextSwitchTo(memory);
	evaluations = evaluations_of(trigger, &event, &owner);
	if (evaluations != NIL)
	{
		AsOwner caller = begin_as(owner);

		evaluate(evaluations, trigger, memory);
		pgnet_as_owner_end(caller);
	}
	MemoryContextSwitchTo(before);
	MemoryContextDelete(memory);
	return PointerGetDatum(NULL);
}
