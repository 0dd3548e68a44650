package org.pgnet.server.command;

import java.io.Console;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.pgnet.server.database.Connector;
import org.pgnet.server.database.ServerAddress;
import picocli.CommandLine.Option;

/** Which database a command is about. */
final class ConnectionOptions {
    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "postgresql://role@host:port/database. Without it, libpq's environment variables.")
    private String url;

    Connector connector() {
        return new Connector(ServerAddress.of(Optional.ofNullable(url), System.getenv()));
    }

    /** A connection as the role of the address. Asks for its password if the server does, and somebody is there to ask. */
    Connection open() throws SQLException {
        Connector connector = connector();
        try {
            return connector.open();
        } catch (SQLException e) {
            Console console = System.console();
            boolean asked = e.getSQLState() != null
                    && (e.getSQLState().startsWith("28") || e.getSQLState().equals("08004"));
            Optional<String> role = connector.address().role();
            if (!asked
                    || console == null
                    || role.isEmpty()
                    || connector.address().password().isPresent()) {
                throw e;
            }
            char[] password = console.readPassword("Password of %s: ", role.get());
            return connector.open(role.get(), password == null ? "" : new String(password));
        }
    }
}
