/** The command {@code pgnet}: what people look at, in a terminal, in a browser and in Prometheus. Speaks to PostgreSQL by JDBC alone. */
package org.pgnet.server;
