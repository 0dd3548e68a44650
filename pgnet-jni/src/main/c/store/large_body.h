/*
 * large_body.h
 *		A large body as a row can hold it: compressed, and by a pointer.
 */
#ifndef PGNET_LARGE_BODY_H
#define PGNET_LARGE_BODY_H

#include "store/outcome.h"

/*
 * A body of so many bytes is compressed before the statement sees it, which copies each row twice; and then it copies a
 * pointer to what came of it.
 */
#define PGNET_LARGE_BODY (64 * 1024)

/* The two columns for a body. */
typedef enum BodyPlace
{
	BODY_IN_CONTENT, /* of net._http_response */
	BODY_IN_DETAIL,
	BODY_PLACE_COUNT
} BodyPlace;

extern void pgnet_large_bodies_begin(void);
extern Datum pgnet_large_body(text *body, BodyPlace place, const Outcome *outcome);

#endif /* PGNET_LARGE_BODY_H */
