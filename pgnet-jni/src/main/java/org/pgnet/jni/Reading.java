package org.pgnet.jni;

/** How requests are read, as in store.h. */
enum Reading {
    /** An error when one of them cannot be read, as almost never is the case. */
    ALL_AT_ONCE,
    /** One that cannot be read is a request with a refusal; costs a subtransaction for each. */
    ONE_BY_ONE,
    /** Nothing but what identifies them, each with an empty refusal. */
    KEYS_ALONE
}
