/**
 * The pages: what each asks the database, and the models that the templates of {@code src/main/jte} show. A page is asked by the
 * thread of its request or of its stream, with the rights of the role that is logged in; what fails throws
 * {@link java.sql.SQLException}.
 */
package org.pgnet.server.page;
