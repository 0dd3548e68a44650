/*
 * contract.h
 *		What Java and C must agree on, told to the Java side when it starts.
 */
#ifndef PGNET_CONTRACT_H
#define PGNET_CONTRACT_H

#include "postgres.h"

extern char *pgnet_contract(void);

#endif /* PGNET_CONTRACT_H */
