/*
 * compat.h
 *		Every difference between the supported major versions of PostgreSQL.
 */
#ifndef PGNET_COMPAT_H
#define PGNET_COMPAT_H

#include "postgres.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "utils/guc.h"
#include "utils/memutils.h"

/* the layout of values of variable length */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#if PG_VERSION_NUM < 150000
#error "pg_net needs PostgreSQL 15 or later"
#endif

/* memory for the "extra" of a setting; guc.c frees it */
#if PG_VERSION_NUM >= 160000
#define pgnet_guc_malloc(size) guc_malloc(LOG, (size))
#else
#define pgnet_guc_malloc(size) malloc(size)
#endif

/* whether a role may use something; with utils/acl.h, and the catalogue's header */
#if PG_VERSION_NUM >= 160000
#define pgnet_may_execute(function, role) \
	(object_aclcheck(ProcedureRelationId, (function), (role), ACL_EXECUTE) == ACLCHECK_OK)
#define pgnet_may_use_schema(schema, role) \
	(object_aclcheck(NamespaceRelationId, (schema), (role), ACL_USAGE) == ACLCHECK_OK)
#else
#define pgnet_may_execute(function, role) \
	(pg_proc_aclcheck((function), (role), ACL_EXECUTE) == ACLCHECK_OK)
#define pgnet_may_use_schema(schema, role) \
	(pg_namespace_aclcheck((schema), (role), ACL_USAGE) == ACLCHECK_OK)
#endif

/* the sequence of a table's identity column; with catalog/dependency.h and utils/rel.h */
#if PG_VERSION_NUM >= 170000
#define pgnet_identity_sequence(table, column) getIdentitySequence((table), (column), false)
#else
#define pgnet_identity_sequence(table, column) \
	getIdentitySequence(RelationGetRelid(table), (column), false)
#endif

/* the names in a text like schema.name; with utils/regproc.h */
#if PG_VERSION_NUM >= 160000
#define pgnet_names_in(text) stringToQualifiedNameList((text), NULL)
#else
#define pgnet_names_in(text) stringToQualifiedNameList(text)
#endif

/* the index of this process in the array of PGPROCs */
#if PG_VERSION_NUM >= 170000
#define pgnet_my_proc_number() ((int) MyProcNumber)
#define pgnet_create_wait_event_set(n) CreateWaitEventSet(NULL, (n))
#else
#define pgnet_my_proc_number() (MyProc->pgprocno)
#define pgnet_create_wait_event_set(n) CreateWaitEventSet(TopMemoryContext, (n))
#endif

/* the postmaster's list of background workers; with postmaster/bgworker_internals.h */
#if PG_VERSION_NUM >= 180000
#define pgnet_worker_iter dlist_iter
#define pgnet_foreach_worker(iter) dlist_foreach (iter, &BackgroundWorkerList)
#define pgnet_worker_of(iter) dlist_container(RegisteredBgWorker, rw_lnode, (iter).cur)
#else
#define pgnet_worker_iter slist_iter
#define pgnet_foreach_worker(iter) slist_foreach (iter, &BackgroundWorkerList)
#define pgnet_worker_of(iter) slist_container(RegisteredBgWorker, rw_lnode, (iter).cur)
#endif

/* a scan with so many keys; with access/genam.h, and access/tableam.h */
#if PG_VERSION_NUM >= 190000
#define pgnet_index_beginscan(table, index, snapshot, keys) \
	index_beginscan((table), (index), (snapshot), NULL, (keys), 0, SO_NONE)
#elif PG_VERSION_NUM >= 180000
#define pgnet_index_beginscan(table, index, snapshot, keys) \
	index_beginscan((table), (index), (snapshot), NULL, (keys), 0)
#else
#define pgnet_index_beginscan(table, index, snapshot, keys) \
	index_beginscan((table), (index), (snapshot), (keys), 0)
#endif

/* deletes a row once whoever has it locked is done; with access/tableam.h */
#if PG_VERSION_NUM >= 190000
#define pgnet_table_tuple_delete(table, tid, command, snapshot, failure) \
	table_tuple_delete((table), (tid), (command), 0, (snapshot), InvalidSnapshot, true, (failure))
#else
#define pgnet_table_tuple_delete(table, tid, command, snapshot, failure)                        \
	table_tuple_delete((table), (tid), (command), (snapshot), InvalidSnapshot, true, (failure), \
					   false)
#endif

/* completes a description of rows whose columns are known; with access/tupdesc.h */
#if PG_VERSION_NUM >= 190000
#define pgnet_tuple_desc_finish(descriptor) TupleDescFinalize(descriptor)
#else
#define pgnet_tuple_desc_finish(descriptor) ((void) (descriptor))
#endif

/* an expression over rows of a table, whose columns may be computed when they are read; with rewrite/rewriteHandler.h */
#if PG_VERSION_NUM >= 180000
#define pgnet_with_generated_columns(expression, table, variable) \
	expand_generated_columns_in_expr((expression), (table), (variable))
#else
#define pgnet_with_generated_columns(expression, table, variable) (expression)
#endif

/* what a jsonb is put together in, which begins as {0}, and what it is after the last token; with utils/jsonb.h */
#if PG_VERSION_NUM >= 190000
#define pgnet_jsonb_state JsonbInState
#define pgnet_jsonb_end(state, token) (pushJsonbValue((state), (token), NULL), (state)->result)
#else
#define pgnet_jsonb_state JsonbParseState *
#define pgnet_jsonb_end(state, token) pushJsonbValue((state), (token), NULL)
#endif

/* what a signal's handler was called with, to call another one */
#if PG_VERSION_NUM >= 190000
#define PGNET_SIGNAL_ARGUMENTS postgres_signal_arg, pg_siginfo
#else
#define PGNET_SIGNAL_ARGUMENTS postgres_signal_arg
#endif

/* whether this process applies what another server sent; with replication/origin.h */
#if PG_VERSION_NUM >= 190000
#define pgnet_has_replication_origin() (replorigin_xact_state.origin != InvalidReplOriginId)
#else
#define pgnet_has_replication_origin() (replorigin_session_origin != InvalidRepOriginId)
#endif

#if PG_VERSION_NUM >= 180000
#include "storage/waiteventset.h"
#else
/* stands before a function that does not return */
#define pg_noreturn _Noreturn
#endif

#endif /* PGNET_COMPAT_H */
