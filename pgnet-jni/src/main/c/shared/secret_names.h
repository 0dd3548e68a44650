/*
 * secret_names.h
 *		What a secret may be called, and how long its value may be. SecretName has the same for the worker.
 */
#ifndef PGNET_SECRET_NAMES_H
#define PGNET_SECRET_NAMES_H

#include "postgres.h"

#define PGNET_MAX_SECRET_NAME_BYTES 63

/* longer than any token; a header line with it still fits */
#define PGNET_MAX_SECRET_BYTES (64 * 1024)

/* more than anybody puts into one request; the worker keeps the names of those that wait */
#define PGNET_MAX_SECRETS_OF_REQUEST 100

extern bool pgnet_is_secret_name(const char *name, int length);

#endif /* PGNET_SECRET_NAMES_H */
