/*
 * urlencode.h
 *		Parameters of a URL, and of a form.
 */
#ifndef PGNET_URLENCODE_H
#define PGNET_URLENCODE_H

#include "postgres.h"
#include "fmgr.h"

extern NullableDatum pgnet_with_params(NullableDatum url, NullableDatum params);
extern PGDLLEXPORT Datum pgnet_form(PG_FUNCTION_ARGS);

#endif /* PGNET_URLENCODE_H */
