/*
 * placeholders.c
 *		Where a text names secrets: {{name}}, of those that its request names too. Anything else with braces is text.
 */
#include "session/placeholders.h"
#include "shared/secret_names.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#define BRACES 2

const SecretNames pgnet_no_secrets = {0};

/* The names in a text[]; an error when one can be none. None for a null. */
SecretNames
pgnet_secret_names(NullableDatum array)
{
	SecretNames result = {0};
	Datum *elements;
	bool *nulls;

	if (array.isnull)
		return result;
	deconstruct_array(DatumGetArrayTypeP(array.value), TEXTOID, -1, false, TYPALIGN_INT, &elements,
					  &nulls, &result.count);
	if (result.count > PGNET_MAX_SECRETS_OF_REQUEST)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("a request names at most %d secrets", PGNET_MAX_SECRETS_OF_REQUEST),
						errhint("Name each once.")));
	result.names = palloc(sizeof(char *) * (result.count + 1));
	for (int i = 0; i < result.count; i++)
	{
		char *name = nulls[i] ? "" : TextDatumGetCString(elements[i]);

		if (!pgnet_is_secret_name(name, strlen(name)))
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("secrets must be a list of names"),
							errhint("Write it like '{stripe_key}'.")));
		result.names[i] = name;
	}
	return result;
}

/* The bytes of {{name}} at the begin of a text; 0 when another text is there. */
static int
placeholder_at(const char *text, int length, const SecretNames *names)
{
	for (int i = 0; i < names->count; i++)
	{
		int name_length = strlen(names->names[i]);

		if (length >= name_length + 2 * BRACES && memcmp(text, "{{", BRACES) == 0 &&
			memcmp(text + BRACES, names->names[i], name_length) == 0 &&
			memcmp(text + BRACES + name_length, "}}", BRACES) == 0)
			return name_length + 2 * BRACES;
	}
	return 0;
}

/* The next {{name}} of one of these in a text, and its bytes; the end of the text, and 0, when there is none. */
const char *
pgnet_next_placeholder(const char *text, int length, const SecretNames *names,
					   int *placeholder_length)
{
	const char *end = text + length;
	const char *place = text;

	*placeholder_length = 0;
	while (names->count > 0 && place < end)
	{
		place = memchr(place, '{', end - place);
		if (place == NULL)
			return end;
		*placeholder_length = placeholder_at(place, end - place, names);
		if (*placeholder_length > 0)
			return place;
		place++;
	}
	return end;
}
