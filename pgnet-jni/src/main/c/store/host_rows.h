/*
 * host_rows.h
 *		What net.hosts says, and which hosts are to be probed.
 */
#ifndef PGNET_HOST_ROWS_H
#define PGNET_HOST_ROWS_H

#include "postgres.h"

/* The texts of a row, in UTF-8, NULL for a null; HostRowReader reads them in this order. */
#define PGNET_HOST_ROW_TEXTS 15

/* The same of a wish for a probe and ProbeRowReader. */
#define PGNET_PROBE_TEXTS 2

extern uint64 pgnet_host_rows_version(void);
extern int pgnet_read_host_rows(char ***texts);
extern int pgnet_read_probe_rows(char ***texts);
extern bool pgnet_has_rights_of_any(Oid role, const char *names_utf8);

#endif /* PGNET_HOST_ROWS_H */
