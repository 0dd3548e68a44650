/*
 * secrets_check.h
 *		What a request may say of secrets.
 */
#ifndef PGNET_SECRETS_CHECK_H
#define PGNET_SECRETS_CHECK_H

#include "postgres.h"

extern void pgnet_check_secrets_of_request(NullableDatum names, const char *sign_with,
										   const text *url, Oid owner);

#endif /* PGNET_SECRETS_CHECK_H */
