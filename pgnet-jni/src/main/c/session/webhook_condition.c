/*
 * webhook_condition.c
 *		The condition of a webhook: one SQL expression over new, old and event. It is parsed by itself, never as a part of a
 *		statement, and looked at as what the grammar made of it, before anything in it is given a meaning.
 */
#include "session/webhook_condition.h"
#include "shared/compat.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_node.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "rewrite/prs2lock.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"
#include "utils/rel.h"

pg_noreturn static void
refuse(const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("condition %s", problem),
			 errhint("Write one expression of type boolean, like: event = 'insert' or new.status "
					 "is distinct from old.status.")));
}

/* What no expression over a row needs. The rest is refused when it is given a meaning. */
static bool
check_node(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, SubLink))
		refuse("must not contain a subquery");
	if (IsA(node, ParamRef))
		refuse("must not contain a parameter");
	/* the grammar has it in lists of targets and arguments alone, but does not say so */
	if (IsA(node, A_Star) ||
		(IsA(node, ColumnRef) && IsA(llast(((ColumnRef *) node)->fields), A_Star)))
		refuse("must not contain *");
	if (IsA(node, FuncCall))
	{
		FuncCall *call = (FuncCall *) node;

		if (call->over != NULL)
			refuse("must not contain a window function");
		if (call->agg_star || call->agg_distinct || call->agg_within_group ||
			call->agg_order != NIL || call->agg_filter != NULL)
			refuse("must not contain an aggregate");
	}
	return raw_expression_tree_walker(node, check_node, context);
}

/* Whether a statement is one target and nothing else. */
static bool
is_expression(const SelectStmt *select)
{
	return IsA(select, SelectStmt) && select->op == SETOP_NONE &&
		   list_length(select->targetList) == 1 &&
		   linitial_node(ResTarget, select->targetList)->name == NULL &&
		   linitial_node(ResTarget, select->targetList)->indirection == NIL &&
		   select->distinctClause == NIL && select->intoClause == NULL &&
		   select->fromClause == NIL && select->whereClause == NULL && select->groupClause == NIL &&
		   select->havingClause == NULL && select->windowClause == NIL &&
		   select->valuesLists == NIL && select->sortClause == NIL && select->limitOffset == NULL &&
		   select->limitCount == NULL && select->lockingClause == NIL && select->withClause == NULL;
}

/* What the grammar makes of a text that is an expression. */
static Node *
parse(const char *condition)
{
	List *statements = raw_parser(condition, RAW_PARSE_PLPGSQL_EXPR);
	SelectStmt *select;

	if (list_length(statements) != 1)
		refuse("must be one expression");
	select = (SelectStmt *) linitial_node(RawStmt, statements)->stmt;
	if (!is_expression(select))
		refuse("must be one expression");
	(void) check_node(linitial_node(ResTarget, select->targetList)->val, NULL);
	return linitial_node(ResTarget, select->targetList)->val;
}

/* A name without a table is event; columns are those of new or old. */
static Node *
event_of(ParseState *state, ColumnRef *reference)
{
	const char *event = state->p_ref_hook_state;

	if (list_length(reference->fields) != 1 || !IsA(linitial(reference->fields), String) ||
		strcmp(strVal(linitial(reference->fields)), "event") != 0)
		return NULL;
	return (Node *) makeConst(TEXTOID, -1, DEFAULT_COLLATION_OID, -1, CStringGetTextDatum(event),
							  false, false);
}

/* Makes a row known under a name. */
static void
add_row(ParseState *state, Relation table, const char *name)
{
	ParseNamespaceItem *item = addRangeTableEntryForRelation(state, table, AccessShareLock,
															 makeAlias(name, NIL), false, false);

	addNSItemToQuery(state, item, false, true, false);
}

/* Rows that come out of a tuplestore have no system columns. */
static bool
check_columns(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Var) && ((Var *) node)->varattno < 0)
		refuse("must not use system columns");
	return expression_tree_walker(node, check_columns, context);
}

/* The expression with a meaning: of type boolean, over an old row that is the inner one, and a new one that is the outer one. */
static Node *
analyze(Node *raw, const char *source, Relation table, const char *event)
{
	ParseState *state = make_parsestate(NULL);
	Node *expression;

	state->p_sourcetext = source;
	state->p_pre_columnref_hook = event_of;
	state->p_ref_hook_state = unconstify(char *, event);
	add_row(state, table, "old");
	add_row(state, table, "new");
	expression = transformExpr(state, raw, EXPR_KIND_TRIGGER_WHEN);
	expression = coerce_to_boolean(state, expression, "condition");
	assign_expr_collations(state, expression);
	free_parsestate(state);
	(void) check_columns(expression, NULL);
	expression = pgnet_with_generated_columns(expression, table, PRS2_OLD_VARNO);
	expression = pgnet_with_generated_columns(expression, table, PRS2_NEW_VARNO);
	ChangeVarNodes(expression, PRS2_OLD_VARNO, INNER_VAR, 0);
	ChangeVarNodes(expression, PRS2_NEW_VARNO, OUTER_VAR, 0);
	return expression;
}

/* Where an error is: in the condition, not in the statement that sets it off. */
static void
point_into_condition(void *condition)
{
	int position = geterrposition();

	if (position > 0)
	{
		errposition(0);
		internalerrposition(position);
		internalerrquery(condition);
	}
	errcontext("condition of a webhook");
}

/*
 * Prepares a condition for the rows of a table and an event, in the current memory context; an error when it is none. To be
 * called with the rights of the webhook's owner: constants are read, and functions of constants called.
 */
ExprState *
pgnet_webhook_condition(const char *condition, Relation table, const char *event)
{
	ErrorContextCallback context = {
		.callback = point_into_condition,
		.arg = unconstify(char *, condition),
		.previous = error_context_stack,
	};
	Node *expression;

	error_context_stack = &context;
	expression = analyze(parse(condition), condition, table, event);
	/* in parentheses, too: a comment that runs to the end would hide what comes behind it */
	(void) parse(psprintf("(%s)", condition));
	error_context_stack = context.previous;
	return ExecPrepareExpr((Expr *) expression, CreateExecutorState());
}
