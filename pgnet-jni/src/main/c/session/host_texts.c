/*
 * host_texts.c
 *		What the trigger of net.hosts asks of the texts in a row.
 */
#include "guard/host_pattern.h"
#include "session/header_check.h"
#include "shared/request_limits.h"

#include "fmgr.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(pgnet_normal_host_pattern);
PG_FUNCTION_INFO_V1(pgnet_check_host_headers);

/* net._host_pattern(pattern text): its normal form, null when it can mean no host. */
Datum
pgnet_normal_host_pattern(PG_FUNCTION_ARGS)
{
	char normal[PGNET_HOST_PATTERN_SIZE];
	pgnet_host_pattern pattern;

	if (!pgnet_host_pattern_with_port(text_to_cstring(PG_GETARG_TEXT_PP(0)), &pattern))
		PG_RETURN_NULL();
	pgnet_host_pattern_text(&pattern, normal);
	PG_RETURN_TEXT_P(cstring_to_text(normal));
}

/* net._check_headers(headers jsonb): raises an error unless they can be sent. */
Datum
pgnet_check_host_headers(PG_FUNCTION_ARGS)
{
	(void) pgnet_check_headers(PG_GETARG_JSONB_P(0), PGNET_MAX_HEAD_BYTES / 2);
	PG_RETURN_VOID();
}
