/*
 * secrets_check.c
 *		Refuses at call time secrets that a request could not be sent with.
 */
#include "shared/compat.h"

#include "session/secrets_check.h"
#include "session/placeholders.h"
#include "session/secret_use.h"
#include "session/url_target.h"
#include "session/utf8.h"
#include "shared/secret_names.h"

#include "utils/builtins.h"

/* A value would become part of the name of the host, or of what libcurl makes of user and password. */
static void
check_authority(const char *url, const SecretNames *names)
{
	const char *begin = strstr(url, "//");
	int length;
	int placeholder_length;

	if (begin == NULL)
		return;
	begin += strlen("//");
	length = strcspn(begin, "/?#");
	(void) pgnet_next_placeholder(begin, length, names, &placeholder_length);
	if (placeholder_length > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a secret cannot be in the host, user or password of a URL"),
				 errhint("Put it into the path or query; send Basic authentication as a header.")));
}

/* The columns secrets, a text[], and sign_with, NULL for none, of a request to a URL. */
void
pgnet_check_secrets_of_request(NullableDatum names, const char *sign_with, const text *url,
							   Oid owner)
{
	SecretNames secrets = pgnet_secret_names(names);
	char *server_text = text_to_cstring(url);
	int length;
	const char *utf8 = pgnet_utf8(server_text, strlen(server_text), &length, "the URL");
	UrlTarget target;
	SecretUse use = {.owner = owner};

	if (sign_with != NULL && !pgnet_is_secret_name(sign_with, strlen(sign_with)))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("sign_with must be the name of a secret")));
	check_authority(server_text, &secrets);
	target = pgnet_url_target(utf8, server_text, true);
	use.secure = pg_strncasecmp(utf8, "https:", 6) == 0;
	use.host = target.host == NULL ? "" : target.host;
	use.port = target.port;
	for (int i = 0; i < secrets.count; i++)
		pgnet_check_secret(secrets.names[i], &use);
	if (sign_with != NULL)
		pgnet_check_secret(sign_with, &use);
	pfree(server_text);
}
