/*
 * secret_names.c
 *		What a secret may be called: so that {{name}} can be told from other text, in whatever encoding.
 */
#include "shared/secret_names.h"

static bool
is_ascii_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A letter or _ first, then also digits, - and dots. */
bool
pgnet_is_secret_name(const char *name, int length)
{
	if (length < 1 || length > PGNET_MAX_SECRET_NAME_BYTES)
		return false;
	for (int i = 0; i < length; i++)
	{
		bool may_begin = is_ascii_letter(name[i]) || name[i] == '_';
		bool may_follow = (name[i] >= '0' && name[i] <= '9') || name[i] == '-' || name[i] == '.';

		if (!may_begin && (i == 0 || !may_follow))
			return false;
	}
	return true;
}
