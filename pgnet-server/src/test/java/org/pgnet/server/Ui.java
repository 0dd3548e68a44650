package org.pgnet.server;

import java.io.IOException;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pgnet.server.database.Connector;
import org.pgnet.server.database.ServerAddress;
import org.pgnet.server.metrics.MetricsHandler;
import org.pgnet.server.site.Site;
import org.pgnet.server.web.ListenOptions;
import org.pgnet.server.web.WebServer;
import org.pgnet.testkit.cluster.PgCluster;

/** The page of a test cluster, on a port of its own. */
final class Ui implements AutoCloseable {
    private final WebServer server;

    Ui(PgCluster cluster) throws IOException {
        server = start(databaseUrl(cluster, "postgres"));
    }

    /** A page of any database. */
    static WebServer start(String databaseUrl) throws IOException {
        Connector connector = new Connector(ServerAddress.of(Optional.of(databaseUrl), Map.of()));
        ListenOptions options =
                new ListenOptions(InetAddress.getByName("127.0.0.1"), 0, Set.of(), Optional.empty(), false);
        WebServer server = new WebServer(
                options, logins -> new Site(connector, logins, Optional.of(new MetricsHandler(connector))));
        server.start();
        return server;
    }

    static String databaseUrl(PgCluster cluster, String database) {
        return "postgresql://postgres@127.0.0.1:" + cluster.port() + "/" + database;
    }

    /** The address of a path. */
    String url(String path) {
        return server.url().replaceFirst("/$", "") + path;
    }

    @Override
    public void close() {
        server.close();
    }
}
