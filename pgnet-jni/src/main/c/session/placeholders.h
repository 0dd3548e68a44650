/*
 * placeholders.h
 *		Where a text names secrets.
 */
#ifndef PGNET_PLACEHOLDERS_H
#define PGNET_PLACEHOLDERS_H

#include "postgres.h"

/* Names of secrets, valid ones. */
typedef struct SecretNames
{
	int count;
	char **names;
} SecretNames;

extern const SecretNames pgnet_no_secrets;

extern SecretNames pgnet_secret_names(NullableDatum array);
extern const char *pgnet_next_placeholder(const char *text, int length, const SecretNames *names,
										  int *placeholder_length);

#endif /* PGNET_PLACEHOLDERS_H */
