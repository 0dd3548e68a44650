/*
 * interruption.h
 *		What a request to end the process does to a statement that runs.
 */
#ifndef PGNET_INTERRUPTION_H
#define PGNET_INTERRUPTION_H

extern void pgnet_statement_begins(void);
extern void pgnet_statement_ends(void);
extern void pgnet_interrupt_statements(void);

#endif /* PGNET_INTERRUPTION_H */
