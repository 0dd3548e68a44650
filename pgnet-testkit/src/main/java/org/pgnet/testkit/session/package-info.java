/**
 * The one way in which tests and measurements speak to a database, and the rows they read there.
 *
 * <p>A session belongs to one thread. What the server reports is the {@link java.sql.SQLException} of its driver.
 */
package org.pgnet.testkit.session;
