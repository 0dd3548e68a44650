/*
 * url_target.h
 *		Where a URL leads.
 */
#ifndef PGNET_URL_TARGET_H
#define PGNET_URL_TARGET_H

#include "postgres.h"

typedef struct UrlTarget
{
	char *host; /* as libcurl has it, palloc'd; NULL when it cannot tell */
	int port;   /* 0 when it cannot tell */
} UrlTarget;

extern UrlTarget pgnet_url_target(const char *utf8, const char *server_text, bool wanted);

#endif /* PGNET_URL_TARGET_H */
