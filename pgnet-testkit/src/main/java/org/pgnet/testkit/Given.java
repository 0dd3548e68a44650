package org.pgnet.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A field that is set before a test: a {@link org.pgnet.testkit.cluster.PgCluster}, a
 * {@link org.pgnet.testkit.session.Session}, one of the servers that need nothing to start, a
 * {@link org.pgnet.testkit.machine.Resolver}, or a class of the test's own, whose one constructor takes these. A static field
 * is for all tests of the class, any other for one test. Everything is closed after that, in reverse order.
 *
 * <p>On a parameter of type Session it says whose session is meant; parameters need no annotation otherwise.
 */
@Target({ElementType.FIELD, ElementType.PARAMETER})
@Retention(RetentionPolicy.RUNTIME)
public @interface Given {
    /** The database of a session. */
    String database() default "postgres";

    /** The role of a session. */
    String role() default "postgres";
}
