/*
 * user_code.h
 *		Whether a user's code sees the rows that are inserted.
 */
#ifndef PGNET_USER_CODE_H
#define PGNET_USER_CODE_H

#include "postgres.h"

extern bool pgnet_user_code_sees_responses(void);

#endif /* PGNET_USER_CODE_H */
