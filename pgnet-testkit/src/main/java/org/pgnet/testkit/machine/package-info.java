/**
 * What the machine gives: programs, names, networks, and time, which passes until a condition holds.
 *
 * <p>Called from the thread of the test. A program that fails and a deadline that passes are {@link AssertionError}s.
 */
package org.pgnet.testkit.machine;
