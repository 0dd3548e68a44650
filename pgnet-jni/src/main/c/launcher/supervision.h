/*
 * supervision.h
 *		The processes of the workers: started, ended and started again.
 */
#ifndef PGNET_SUPERVISION_H
#define PGNET_SUPERVISION_H

#include "postgres.h"

extern long pgnet_supervise(void);

#endif /* PGNET_SUPERVISION_H */
