/*
 * webhook_states.h
 *		Which webhooks are disabled.
 */
#ifndef PGNET_WEBHOOK_STATES_H
#define PGNET_WEBHOOK_STATES_H

#include "postgres.h"

#include "store/outcome.h"

/* the texts of one: the OID of its owner, its name, why it is disabled */
#define PGNET_WEBHOOK_TEXTS 3

extern int pgnet_read_disabled_webhooks(char ***texts);
extern void pgnet_disable_webhooks(const Outcome *outcomes, int count);
extern void pgnet_disabled_webhooks_announce(void);

#endif /* PGNET_WEBHOOK_STATES_H */
