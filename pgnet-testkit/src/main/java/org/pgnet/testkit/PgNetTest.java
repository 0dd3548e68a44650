package org.pgnet.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * An integration test, and which cluster it runs on. On a class it is for all its tests; on a method that test has a cluster
 * of its own. The cluster is started when a field or a parameter needs it first.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(PgNetExtension.class)
public @interface PgNetTest {
    /** Lines of postgresql.conf. */
    String[] settings() default {};

    /** Who else works with the cluster. */
    Sharing cluster() default Sharing.WITH_OTHER_CLASSES;

    /** Whether database postgres has the extension. */
    boolean extension() default true;

    /** Statements in database postgres, as superuser and before any field is set: roles and databases, for example. */
    String[] sql() default {};

    /** Databases beside postgres that have a worker each; {@link #sql} makes them. The cluster is its own then. */
    String[] databases() default {};

    /** Whether the server's names are those of a {@link org.pgnet.testkit.machine.Resolver}. The cluster is its own then. */
    boolean resolver() default false;
}
