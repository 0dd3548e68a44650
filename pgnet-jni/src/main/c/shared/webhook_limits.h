/*
 * webhook_limits.h
 *		Which webhooks count: of one role no more than its trigger lets in, however many sessions have made some at the same
 *		time. The trigger counts no rows that are not committed.
 */
#ifndef PGNET_WEBHOOK_LIMITS_H
#define PGNET_WEBHOOK_LIMITS_H

/* A condition on the rows of net._webhooks, for a statement that reads them. */
#define PGNET_WEBHOOK_COUNTS_SQL                                                                 \
	"name OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT x.name FROM (SELECT v.name, "                 \
	"pg_catalog.row_number() OVER of_owner AS place, "                                           \
	"pg_catalog.sum(pg_catalog.octet_length(v::pg_catalog.text)) OVER of_owner AS bytes "        \
	"FROM net._webhooks v WINDOW of_owner AS (PARTITION BY v.owner ORDER BY v.created, v.name) " \
	") x WHERE x.place OPERATOR(pg_catalog.<=) 1000 AND x.bytes OPERATOR(pg_catalog.<=) 5000000))"

#endif /* PGNET_WEBHOOK_LIMITS_H */
