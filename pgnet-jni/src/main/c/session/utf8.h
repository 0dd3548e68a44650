/*
 * utf8.h
 *		Text of the database's encoding in UTF-8, in which requests are sent.
 */
#ifndef PGNET_UTF8_H
#define PGNET_UTF8_H

#include "postgres.h"

extern const char *pgnet_utf8(const char *text, int length, int *utf8_length, const char *what);

#endif /* PGNET_UTF8_H */
