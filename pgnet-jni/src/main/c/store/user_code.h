/*
 * user_code.h
 *		Whether a user's code sees the rows that are inserted, or runs at all.
 */
#ifndef PGNET_USER_CODE_H
#define PGNET_USER_CODE_H

#include "postgres.h"
#include "utils/relcache.h"

extern bool pgnet_is_observed(Relation table);
extern bool pgnet_is_queue_observed(Relation table);
extern bool pgnet_user_code_sees_rows_of(Oid table);
extern bool pgnet_user_code_may_have_run(void);

#endif /* PGNET_USER_CODE_H */
