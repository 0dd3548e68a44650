/*
 * webhook_role.h
 *		Whether a session may act for the owner of a webhook.
 */
#ifndef PGNET_WEBHOOK_ROLE_H
#define PGNET_WEBHOOK_ROLE_H

#include "postgres.h"

extern bool pgnet_has_webhook_role(Oid owner);
extern Oid pgnet_require_webhook_role(NullableDatum owner);

#endif /* PGNET_WEBHOOK_ROLE_H */
