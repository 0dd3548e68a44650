/*
 * body.h
 *		The bytes of a request's body.
 */
#ifndef PGNET_BODY_H
#define PGNET_BODY_H

#include "postgres.h"

extern NullableDatum pgnet_text_body(Datum text);
extern NullableDatum pgnet_json_body(NullableDatum json);

#endif /* PGNET_BODY_H */
