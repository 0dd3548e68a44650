/*
 * urlencode.h
 *		Parameters of a URL, and of a form.
 */
#ifndef PGNET_URLENCODE_H
#define PGNET_URLENCODE_H

#include "postgres.h"
#include "session/placeholders.h"
#include "utils/jsonb.h"

extern NullableDatum pgnet_with_params(NullableDatum url, NullableDatum params,
									   const SecretNames *secrets);
extern text *pgnet_form_of(Jsonb *form, const SecretNames *secrets);

#endif /* PGNET_URLENCODE_H */
