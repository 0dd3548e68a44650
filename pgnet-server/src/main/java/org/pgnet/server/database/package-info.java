/**
 * The database: where it is, connections as a role, and rows. Knows nothing of HTTP or of a command line. Everything here may be
 * called by any thread; what fails throws {@link java.sql.SQLException}.
 */
package org.pgnet.server.database;
