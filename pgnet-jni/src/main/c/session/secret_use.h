/*
 * secret_use.h
 *		Which secrets a role may use, and where they may be sent.
 */
#ifndef PGNET_SECRET_USE_H
#define PGNET_SECRET_USE_H

#include "postgres.h"

/* Where a request leads, and whose it is. */
typedef struct SecretUse
{
	Oid owner;
	bool secure; /* by https */
	const char *host;
	int port;
} SecretUse;

extern void pgnet_check_secret(const char *name, const SecretUse *use);
extern const char *pgnet_file_of_secret(const char *name, Oid role, bool *is_allowed);

#endif /* PGNET_SECRET_USE_H */
