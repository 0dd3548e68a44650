/*
 * secret_rows.h
 *		Secrets with their values, for the Java side.
 */
#ifndef PGNET_SECRET_ROWS_H
#define PGNET_SECRET_ROWS_H

#include "postgres.h"

/* Of each secret its name, its owner, its file or NULL, whether that owner may have files read, its hosts, its roles. */
#define PGNET_SECRET_TEXTS 6

/* Of each value its address in memory of malloc(3), its length, when it was set and until when it holds. */
#define PGNET_SECRET_KEY_NUMBERS 4

typedef struct SecretRows
{
	int count;
	char **texts; /* in UTF-8, of each secret so many */
	int key_count;
	char **key_names;   /* of the secret that each value is of */
	int64 *key_numbers; /* so many of each; moments in microseconds since 1970 */
} SecretRows;

extern bool pgnet_secrets_are_known(void);
extern void pgnet_read_secrets(SecretRows *rows);
extern void pgnet_free_secret_values(SecretRows *rows);
extern bool pgnet_has_rights_of(Oid role, Oid other);

#endif /* PGNET_SECRET_ROWS_H */
