/*
 * hidden_value.c
 *		Takes the value of a secret out of the text of the session's statement, which pg_stat_activity shows and the log quotes
 *		when the statement fails or was slow.
 *
 * The text is changed where it is: PostgreSQL has parsed all of it when a function runs, and only shows it from then on. What was
 * logged before a statement begins, by log_statement, cannot be taken back.
 */
#include "session/hidden_value.h"

#include "lib/stringinfo.h"
#include "pgstat.h"
#include "tcop/tcopprot.h"

/* A value as a literal has it, with some characters doubled. */
static char *
with_doubled(const char *value, const char *doubled)
{
	StringInfoData literal;

	initStringInfo(&literal);
	for (; *value != '\0'; value++)
	{
		if (strchr(doubled, *value) != NULL)
			appendStringInfoChar(&literal, *value);
		appendStringInfoChar(&literal, *value);
	}
	return literal.data;
}

/* Writes asterisks over a text wherever it is. Whether it was there. */
static bool
hide(char *statement, const char *text)
{
	size_t length = strlen(text);
	bool found = false;

	for (char *place = statement; (place = strstr(place, text)) != NULL; place += length)
	{
		memset(place, '*', length);
		found = true;
	}
	return found;
}

/* Hides a value as it is, and as it is in '...' and in E'...'. */
void
pgnet_hide_in_statement(const char *value)
{
	static const char *const doubled[] = {"", "'", "\\", "'\\"};
	char *statement = unconstify(char *, debug_query_string);
	bool found = false;

	if (statement == NULL || value[0] == '\0')
		return;
	for (int i = 0; i < lengthof(doubled); i++)
	{
		char *literal = with_doubled(value, doubled[i]);

		found |= hide(statement, literal);
		explicit_bzero(literal, strlen(literal));
		pfree(literal);
	}
	if (found)
		pgstat_report_activity(STATE_RUNNING, statement);
}

/*
 * From here on errors do not say where they come from: a function in PL/pgSQL would quote its statement, with the value in it. An
 * error that leaves the function undoes that.
 */
ErrorContextCallback *
pgnet_hide_context(void)
{
	ErrorContextCallback *callers = error_context_stack;

	error_context_stack = NULL;
	return callers;
}

/* From here on they do. */
void
pgnet_show_context(ErrorContextCallback *callers)
{
	error_context_stack = callers;
}
