/**
 * The request functions of schema {@code net} as PL/Java functions, and the same for stored procedures in Java.
 *
 * <p>{@link org.pgnet.pljava.PgNet} is what a stored procedure calls. {@link org.pgnet.pljava.SqlFunctions} is what
 * PL/Java calls when the jar is deployed; its methods are named by the deployment descriptor. Both write the same row
 * into {@code net.http_request_queue}, through {@code RequestQueue}, where the trigger of the table checks it and hands
 * it over at commit: nothing here sends anything.
 *
 * <p>Everything runs on the thread that PostgreSQL called PL/Java on, in the caller's transaction and with the caller's
 * privileges, over {@code jdbc:default:connection}. What the database refuses comes out as its own {@link
 * java.sql.SQLException}, unchanged: PL/Java hands it on with message, SQLSTATE and hint.
 *
 * <p>Compiled without PL/Java: only {@code java.sql} is known here.
 */
package org.pgnet.pljava;
