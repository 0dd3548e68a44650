/*
 * callback_function.c
 *		The function that on_response names. It is looked for when the request is made, where the name may be one of the
 *		search_path, and again before it is called: it may have gone meanwhile, or its owner's rights.
 */
#include "shared/callback_function.h"
#include "shared/compat.h"
#include "shared/own_table.h"

#include "access/htup_details.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "parser/parse_func.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

/* The types of its arguments: the request's id, the response, the context. */
void
pgnet_callback_argument_types(Oid *types)
{
	Oid responses = pgnet_get_table("_http_response");

	types[0] = INT8OID;
	types[1] = get_rel_type_id(responses);
	types[2] = JSONBOID;
}

/* Whether it is a function that returns one value, of a schema that outlives its session. */
static bool
is_callable(Oid function)
{
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc form;
	bool callable;

	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_proc) GETSTRUCT(tuple);
	callable = form->prokind == PROKIND_FUNCTION && !form->proretset &&
			   !isAnyTempNamespace(form->pronamespace);
	ReleaseSysCache(tuple);
	return callable;
}

/* Raises an error unless a role may call the function. */
static void
check_rights(Oid function, const char *name, Oid owner)
{
	Oid schema = get_func_namespace(function);

	if (!pgnet_may_use_schema(schema, owner))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied for schema %s", get_namespace_name(schema)),
						errdetail("Function %s is called as role \"%s\", which made the request.",
								  name, GetUserNameFromId(owner, true))));
	if (!pgnet_may_execute(function, owner))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied for function %s", name),
						errdetail("It is called as role \"%s\", which made the request.",
								  GetUserNameFromId(owner, true))));
}

/* The function of this name; an error unless there is one with the arguments of a callback that the role may call. */
Oid
pgnet_callback_function(const char *name, Oid owner)
{
	Oid types[PGNET_CALLBACK_ARGUMENTS];
	Oid function;

	pgnet_callback_argument_types(types);
	function = LookupFuncName(pgnet_names_in(name), lengthof(types), types, true);
	if (!OidIsValid(function) || !is_callable(function))
		ereport(
			ERROR,
			(errcode(ERRCODE_UNDEFINED_FUNCTION),
			 errmsg("function %s(bigint, net._http_response, jsonb) does not exist", name),
			 errhint("on_response must name a function with exactly these arguments, not a "
					 "procedure, temporary or returning a set: CREATE FUNCTION "
					 "%s(request_id bigint, response net._http_response, context jsonb) RETURNS "
					 "void ...",
					 name)));
	check_rights(function, name, owner);
	return function;
}

/* Its name with its schema, as SQL writes it; palloc'd. */
char *
pgnet_callback_function_name(Oid function)
{
	return quote_qualified_identifier(get_namespace_name(get_func_namespace(function)),
									  get_func_name(function));
}
