/*
 * text_locale.h
 *	  The encoding in which libcurl reads the host of a URL.
 *
 * libcurl converts a host of other than ASCII characters by libidn2, which takes
 * it to be in the encoding of the calling thread's locale, not in UTF-8.  The
 * process's locale is that of the database or of the surroundings and may be "C".
 */
#ifndef PGNET_TEXT_LOCALE_H
#define PGNET_TEXT_LOCALE_H

#include <stdint.h>

/* From here on this thread's text is UTF-8 (uselocale(3)); returns what it was. */
extern int64_t pgnet_utf8_begin(void);

/* Restores what pgnet_utf8_begin returned. */
extern void pgnet_utf8_end(int64_t previous);

#endif
