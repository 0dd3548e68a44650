/*
 * callback_transaction.h
 *		A transaction on the callbacks that wait, with the rights of their table's owner.
 */
#ifndef PGNET_CALLBACK_TRANSACTION_H
#define PGNET_CALLBACK_TRANSACTION_H

#include "postgres.h"

extern bool pgnet_callback_transaction_begin(void);
extern void pgnet_callback_transaction_become(Oid role);
extern void pgnet_callback_transaction_end(void);
extern void pgnet_callback_transaction_abort(void);
extern bool pgnet_responses_can_be_read(void);
extern bool pgnet_details_can_be_read(void);
extern bool pgnet_responses_can_be_written(void);
extern bool pgnet_dead_letters_can_be_written(void);
extern bool pgnet_tables_may_act_as(Oid role);

#endif /* PGNET_CALLBACK_TRANSACTION_H */
