/**
 * Throwaway PostgreSQL clusters with pg_net installed.
 *
 * <p>Nothing here touches the system's PostgreSQL: {@link org.pgnet.testkit.cluster.PgInstallation} is a private copy of it
 * below the temporary directory. Run as root, everything of a cluster runs as the operating system's user
 * {@code postgres}, because PostgreSQL refuses root. Everything a run made is removed when it ends.
 *
 * <p>Called from the thread of the test. A command that fails and a deadline that passes are {@link AssertionError}s,
 * with what the command printed or the server logged.
 */
package org.pgnet.testkit.cluster;
