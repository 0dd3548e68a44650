package org.pgnet.server;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pgnet.server.command.PgnetCommand;
import org.pgnet.server.database.Connector;
import org.pgnet.server.database.ServerAddress;
import org.pgnet.server.site.Site;
import org.pgnet.server.web.ListenOptions;
import org.pgnet.server.web.WebServer;

/**
 * Loads what the commands load, so that the build can put it into an archive for the JVM to start from: the help, a connection
 * that is refused, and a page.
 */
public final class Rehearsal {
    private static final String NOBODY = "postgresql://nobody@127.0.0.1:1/nothing";

    private Rehearsal() {}

    public static void main(String[] arguments) throws Exception {
        PgnetCommand.run("--help");
        PgnetCommand.run("doctor", "--url", NOBODY);
        Connector connector = new Connector(ServerAddress.of(Optional.of(NOBODY), Map.of()));
        ListenOptions options =
                new ListenOptions(InetAddress.getByName("127.0.0.1"), 0, Set.of(), Optional.empty(), false);
        try (WebServer server = new WebServer(options, logins -> new Site(connector, logins, Optional.empty()))) {
            server.start();
            try (InputStream page = URI.create(server.url() + "login").toURL().openStream()) {
                page.readAllBytes();
            }
        }
        System.exit(0);
    }
}
