/*
 * policies.h
 *		What net.policies says of a policy.
 */
#ifndef PGNET_POLICIES_H
#define PGNET_POLICIES_H

#include "postgres.h"

#define PGNET_POLICY_TEXTS 6

extern bool pgnet_read_policy(const char *name, char **texts);

#endif /* PGNET_POLICIES_H */
