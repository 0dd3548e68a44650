/*
 * details.h
 *		What keeps net._response_detail as it goes with net._http_response.
 */
#ifndef PGNET_DETAILS_H
#define PGNET_DETAILS_H

#include "postgres.h"

#include "nodes/nodes.h"

extern void pgnet_keep_owner_of_details(Node *statement);

#endif /* PGNET_DETAILS_H */
