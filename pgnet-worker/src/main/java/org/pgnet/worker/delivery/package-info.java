/**
 * The decision whether a request is sent again, and when: pure functions of what is known, without a clock, chance or I/O.
 * Any thread. Values that no policy can have are an {@link java.lang.IllegalArgumentException}.
 */
package org.pgnet.worker.delivery;
