/*
 * text_locale.c
 *	  The encoding in which libcurl reads the host of a URL.
 */
#include "transfer/text_locale.h"

#include <locale.h>

static locale_t utf8;

/* Made once, when the library is loaded; never freed, as threads may have it. */
__attribute__((constructor)) static void
make_utf8(void)
{
	utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0);
}

int64_t
pgnet_utf8_begin(void)
{
	return (int64_t) uselocale(utf8);
}

void
pgnet_utf8_end(int64_t previous)
{
	uselocale((locale_t) previous);
}
