package org.pgnet.jni;

import java.sql.SQLException;
import java.util.List;
import org.pgnet.testkit.session.Session;

/** The views over the tables show nothing and read nothing, so that the tables can be altered, until they are given back. */
final class EmptiedViews {
    /** Those that read another one of them first. */
    private static final String VIEWS = "'{net.requests, net.responses, net._details}'::regclass[]";

    private static final String DEFINITIONS = """
            SELECT format('CREATE OR REPLACE VIEW %s WITH (%s) AS %s',
                oid::regclass, array_to_string(reloptions, ', '), pg_get_viewdef(oid))
            FROM pg_class WHERE oid = ANY (VIEWS) ORDER BY array_position(VIEWS, oid::regclass) DESC""".replace("VIEWS", VIEWS);

    private static final String EMPTY = """
            DO $$
            DECLARE
                name regclass;
            BEGIN
                FOREACH name IN ARRAY VIEWS LOOP
                    EXECUTE format('CREATE OR REPLACE VIEW %s AS SELECT %s', name, (
                        SELECT string_agg(format('NULL::%s AS %I', format_type(atttypid, atttypmod), attname), ', ' ORDER BY attnum)
                        FROM pg_attribute WHERE attrelid = name AND attnum > 0));
                END LOOP;
            END $$""".replace("VIEWS", VIEWS);

    private final Session session;
    private final List<String> definitions;

    /** @param session of a superuser */
    EmptiedViews(Session session) throws SQLException {
        this.session = session;
        this.definitions = session.column(DEFINITIONS);
        session.execute(EMPTY);
    }

    void giveBack() throws SQLException {
        session.execute(definitions.toArray(String[]::new));
    }
}
