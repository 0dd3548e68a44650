/**
 * What a test declares: {@link org.pgnet.testkit.PgNetTest} with the settings of its cluster, and fields or parameters
 * ({@link org.pgnet.testkit.Given}) for the cluster, the servers and the sessions that it works with. The packages below
 * have these parts, for tests that need them in another way.
 *
 * <p>Called by JUnit, from the thread that runs the tests. A set-up that fails is one {@link AssertionError} of the class or
 * the test, with the end of the server's log.
 */
package org.pgnet.testkit;
