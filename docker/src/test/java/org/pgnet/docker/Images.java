package org.pgnet.docker;

import java.sql.SQLException;
import org.pgnet.testkit.session.Session;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/** The images under test, named by system properties, as containers that are not started yet. */
final class Images {
    /** Of the server that answers with what it was asked, on every network it is in. */
    static final String ECHO = "http://echo:8080";

    private Images() {}

    static PostgreSQLContainer database() {
        return new PostgreSQLContainer(
                        DockerImageName.parse(System.getProperty("image")).asCompatibleSubstituteFor("postgres"))
                .withCommand("postgres");
    }

    /** A session as the role that the container was made with, which is a superuser. */
    static Session session(PostgreSQLContainer container) throws SQLException {
        return session(container, container.getUsername(), container.getPassword());
    }

    static Session session(PostgreSQLContainer container, String role, String password) throws SQLException {
        return Session.open(container.getJdbcUrl(), role, password);
    }

    static GenericContainer<?> echo(Network network) {
        return new GenericContainer<>(System.getProperty("echo.image"))
                .withNetwork(network)
                .withNetworkAliases("echo")
                .waitingFor(Wait.forLogMessage("http://.*\\n", 1));
    }

    static GenericContainer<?> base() {
        return new GenericContainer<>(System.getProperty("base.image"));
    }
}
