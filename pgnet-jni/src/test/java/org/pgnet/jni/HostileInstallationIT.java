package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;

/** What mallory prepares before a superuser installs the extension catches nobody. */
@PgNetTest(extension = false, cluster = Sharing.WITH_NONE)
class HostileInstallationIT {
    @Given
    private HostileCluster roles;

    @BeforeEach
    void start() throws SQLException {
        // Better matches than PostgreSQL's own for arguments of type name, in the schema that CREATE EXTENSION puts
        // first.
        roles.mallory.execute(
                "CREATE FUNCTION public.quote_ident(name) RETURNS text LANGUAGE sql AS"
                        + " 'SELECT public.trap($1)::text'",
                "CREATE FUNCTION public.format(text, name) RETURNS text LANGUAGE sql AS"
                        + " 'SELECT public.trap($1)::text'",
                "CREATE FUNCTION public.format(text, regclass, name) RETURNS text LANGUAGE sql AS"
                        + " 'SELECT public.trap($1)::text'",
                "CREATE FUNCTION public.format(text, text, regclass, name) RETURNS text LANGUAGE sql AS"
                        + " 'SELECT public.trap($1)::text'",
                "CREATE FUNCTION public.compare(oid, regnamespace) RETURNS boolean LANGUAGE sql AS"
                        + " 'SELECT public.trap($1)'",
                "CREATE OPERATOR public.= (LEFTARG = oid, RIGHTARG = regnamespace, FUNCTION = public.compare)",
                "SELECT public.quote_ident('bait'::name)");
        assertThat(roles.sprung()).as("the trap works").isEqualTo(1);
    }

    @Test
    void schemaOfAPlainRoleIsRefused() throws SQLException {
        roles.mallory.execute(
                "CREATE SCHEMA net",
                "CREATE FUNCTION net._require_preload() RETURNS void LANGUAGE sql AS 'SELECT public.trap(1)'");

        assertThat(HostileCluster.outcome(roles.superuser, "CREATE EXTENSION pg_net"))
                .isEqualTo("42501");
        assertThat(HostileCluster.outcome(roles.superuser, "CREATE EXTENSION pg_net WITH SCHEMA net"))
                .isEqualTo("42501");
        assertThat(roles.sprung()).as("but for the bait").isEqualTo(1);
    }

    @Test
    void plainRoleInstallsNothing() throws SQLException {
        assertThat(HostileCluster.outcome(roles.mallory, "CREATE EXTENSION pg_net"))
                .isEqualTo("42501");
    }

    @Test
    void namesInTheSchemaPublicAreNotUsedByCreateExtension() throws SQLException {
        roles.superuser.execute("CREATE PUBLICATION everything FOR ALL TABLES");

        assertThat(roles.superuser.notices("CREATE EXTENSION pg_net WITH SCHEMA public"))
                .anySatisfy(warning -> assertThat(warning).contains("publication everything is FOR ALL TABLES"));
        assertThat(roles.superuser.query("SHOW search_path")).contains("\"$user\", public");
        assertThat(roles.sprung()).as("but for the bait").isEqualTo(1);
    }

    @Test
    void namesInTheSchemaPublicAreNotUsedByTheUpdate() throws SQLException {
        roles.superuser.execute("CREATE PUBLICATION everything FOR ALL TABLES");
        installOldVersion();
        roles.mallory.execute("CREATE TRIGGER mine AFTER INSERT ON net._http_response"
                + " EXECUTE FUNCTION suppress_redundant_updates_trigger()");

        assertThat(HostileCluster.outcome(roles.superuser, "ALTER EXTENSION pg_net UPDATE"))
                .as("the publication is in the way")
                .isEqualTo("55000");
        roles.superuser.execute("DROP PUBLICATION everything");
        assertThat(roles.superuser.notices("ALTER EXTENSION pg_net UPDATE"))
                .anySatisfy(warning -> assertThat(warning).contains("trigger mine"));
        roles.superuser.execute("ALTER EXTENSION pg_net UPDATE TO '0.20.4'");
        assertThat(roles.sprung()).as("but for the bait").isEqualTo(1);
    }

    /** The update deletes and changes rows as a superuser. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE net._http_response ADD CONSTRAINT attached CHECK (public.trap(id))",
                "CREATE RULE attached AS ON DELETE TO net._http_response DO ALSO SELECT public.trap(old.id)",
                "CREATE INDEX attached ON net._http_response (public.constant_trap(id))",
                "CREATE INDEX attached ON net._http_response (id) WHERE public.constant_trap(id)",
                "ALTER TABLE net._http_response ADD COLUMN attached boolean"
                        + " GENERATED ALWAYS AS (public.constant_trap(id)) STORED"
            })
    void codeOfATablesOwnerIsNotRunByTheUpdate(String attach) throws SQLException {
        installOldVersion();
        roles.superuser.execute(
                "INSERT INTO net._http_response (id) VALUES (1), (1)",
                "ALTER TABLE net._http_response OWNER TO mallory",
                "GRANT CREATE ON SCHEMA net TO mallory");
        roles.mallory.execute(
                "CREATE FUNCTION public.constant_trap(bigint) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS"
                        + " 'BEGIN RETURN public.trap($1); END'",
                attach);
        long before = roles.sprung();

        assertThat(HostileCluster.outcome(roles.superuser, "ALTER EXTENSION pg_net UPDATE"))
                .isEqualTo("42501");
        assertThat(roles.sprung()).isEqualTo(before);
    }

    private void installOldVersion() throws SQLException {
        CExtension.create(roles.superuser, CExtension.LAST);
    }
}
