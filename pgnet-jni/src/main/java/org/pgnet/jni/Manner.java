package org.pgnet.jni;

/**
 * How a batch is recorded, as in store.h. Almost always nothing is in the way: no row is locked or updated, no response of the
 * same id is there, no trigger fails. That is found out by trying, since to look first costs as much again.
 */
enum Manner {
    /** An error when anything is in the way. */
    TRUSTFUL,
    /** Takes only what can be taken. */
    CAREFUL,
    /** The same, and leaves out the triggers of the tables' owner. */
    WITHOUT_TRIGGERS
}
