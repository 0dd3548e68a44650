/*
 * secret_problem.c
 *		net._secret_problem: why the file of a secret cannot be read now, in the words of the worker's SecretFiles. A session runs as
 *		the operating system's user that the worker runs as, so it can try.
 */
#include "postgres.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session/secret_use.h"
#include "shared/memory.h"
#include "shared/secret_names.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/builtins.h"
#include "utils/guc.h"

PG_FUNCTION_INFO_V1(pgnet_secret_problem);

/* What is wrong with bytes that a file holds, which may be more than a value may have; NULL when they are a value. */
static const char *
problem_of_value(const char *value, int length)
{
	if (length > 0 && value[length - 1] == '\n')
		length--;
	if (length == 0)
		return "is empty";
	if (length > PGNET_MAX_SECRET_BYTES)
		return psprintf("is longer than %d bytes", PGNET_MAX_SECRET_BYTES);
	for (int i = 0; i < length; i++)
		if (value[i] == '\n' || value[i] == '\r' || value[i] == '\0')
			return "contains a line break or a null character";
	return NULL;
}

/* Reads an open file. What is wrong with it. */
static const char *
problem_of_open_file(int descriptor)
{
	char *value = palloc(PGNET_MAX_SECRET_BYTES + 2);
	struct stat status;
	const char *problem;
	ssize_t length = 0;
	ssize_t more = 0;

	if (fstat(descriptor, &status) == 0 && !S_ISREG(status.st_mode))
		return "is not a regular file";
	while (length < PGNET_MAX_SECRET_BYTES + 2 &&
		   (more = read(descriptor, value + length, PGNET_MAX_SECRET_BYTES + 2 - length)) > 0)
		length += more;
	problem = more < 0 ? "cannot be read" : problem_of_value(value, length);
	explicit_bzero(value, PGNET_MAX_SECRET_BYTES + 2);
	pfree(value);
	return problem;
}

/* What is wrong with a file. */
static const char *
problem_of_file(const char *directory, const char *file)
{
	/* one that is no regular file must not block */
	int descriptor =
		OpenTransientFile(psprintf("%s/%s", directory, file), O_RDONLY | O_NONBLOCK | PG_BINARY);
	const char *problem;

	if (descriptor < 0)
		return errno == ENOENT   ? "does not exist"
			   : errno == EACCES ? "may not be read by the server"
								 : "cannot be read";
	problem = problem_of_open_file(descriptor);
	CloseTransientFile(descriptor);
	return problem;
}

/* net._secret_problem(name text): null when nothing is known against it, or the role in force may not use it. */
Datum
pgnet_secret_problem(PG_FUNCTION_ARGS)
{
	const char *directory;
	const char *file;
	const char *problem;
	bool is_allowed = false;

	pgnet_require_preloaded();
	directory = GetConfigOption("pg_net.secrets_directory", false, false);
	file = pgnet_file_of_secret(text_to_cstring(PG_GETARG_TEXT_PP(0)), GetUserId(), &is_allowed);
	if (file == NULL)
		PG_RETURN_NULL();
	if (!is_allowed)
		PG_RETURN_TEXT_P(cstring_to_text(
			"cannot be read: its owner does not have the rights of pg_read_server_files"));
	if (directory[0] == '\0')
		PG_RETURN_TEXT_P(cstring_to_text("cannot be read: pg_net.secrets_directory is empty"));
	problem = problem_of_file(directory, file);
	if (problem == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(
		psprintf("cannot be read: file \"%s\" of pg_net.secrets_directory %s", file, problem)));
}
