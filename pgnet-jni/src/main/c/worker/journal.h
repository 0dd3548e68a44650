/*
 * journal.h
 *		What is known of a worker after its process was killed: whether it was running, how often in a row it ended so, and
 *		which requests were in flight.
 */
#ifndef PGNET_JOURNAL_H
#define PGNET_JOURNAL_H

#include "postgres.h"
#include "shared/journal_file.h"

extern void pgnet_journal_open(Oid database);
extern void pgnet_journal_running(void);
extern void pgnet_journal_ended_in_order(void);
extern long pgnet_journal_ended_abnormally(void);
extern void pgnet_journal_reason(const char *reason);
extern void pgnet_journal_progress(void);
extern long pgnet_journal_pause_millis(void);
extern int pgnet_journal_ends_in_a_row(void);
extern void *pgnet_journal_requests(void);
extern bool pgnet_journal_take_abnormal_end(void);

#endif /* PGNET_JOURNAL_H */
