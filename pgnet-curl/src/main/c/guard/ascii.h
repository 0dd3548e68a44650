/*
 * ascii.h
 *	  Compares words of protocols whatever the case of their letters.
 *
 * strcasecmp(3) asks the locale, and the server sets one: in Turkish, I and i are not
 * the same letter.
 */
#ifndef PGNET_ASCII_H
#define PGNET_ASCII_H

#include <stdbool.h>
#include <stddef.h>

static inline char
pgnet_ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
}

/* Whether the first length bytes are the same, but for the case of ASCII letters. */
static inline bool
pgnet_ascii_equal(const char *a, const char *b, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (pgnet_ascii_lower(a[i]) != pgnet_ascii_lower(b[i]))
			return false;
	return true;
}

#endif /* PGNET_ASCII_H */
