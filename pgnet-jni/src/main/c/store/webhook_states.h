/*
 * webhook_states.h
 *		Which webhooks there are, and which of them are disabled.
 */
#ifndef PGNET_WEBHOOK_STATES_H
#define PGNET_WEBHOOK_STATES_H

#include "postgres.h"

#include "store/outcome.h"

/* the texts of one: the OID of its owner, its name, why it is disabled; the first and the last only if it is */
#define PGNET_WEBHOOK_TEXTS 3

extern int pgnet_read_webhook_states(char ***texts);
extern void pgnet_disable_webhooks(const Outcome *outcomes, int count);
extern void pgnet_disabled_webhooks_announce(void);

#endif /* PGNET_WEBHOOK_STATES_H */
