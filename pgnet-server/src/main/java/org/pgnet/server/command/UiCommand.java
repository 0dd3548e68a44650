package org.pgnet.server.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.pgnet.server.database.Connector;
import org.pgnet.server.metrics.MetricsHandler;
import org.pgnet.server.site.Site;
import org.pgnet.server.web.Handler;
import org.pgnet.server.web.ListenOptions;
import org.pgnet.server.web.WebServer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The web page. */
@Command(
        name = "ui",
        description =
                "The web page. Whoever opens it logs in as a role of the database, and sees what that role may see.",
        mixinStandardHelpOptions = true)
final class UiCommand implements Callable<Integer> {
    @Mixin
    private ConnectionOptions database;

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS:PORT",
            defaultValue = "127.0.0.1:8432",
            description = "Where; ${DEFAULT-VALUE} by default. Port 0 takes a free one.")
    private String listen;

    @Option(
            names = "--name",
            paramLabel = "HOST",
            description = "A name of this site, as browsers send it; several times for several")
    private List<String> names = List.of();

    @Option(names = "--tls-certificate", paramLabel = "FILE", description = "Certificate with its chain, in PEM format")
    private Path certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Its key, in PEM format, PKCS #8")
    private Path key;

    @Option(
            names = "--insecure",
            description = "Listen beyond loopback without TLS: passwords cross the network in clear")
    private boolean insecure;

    @Option(names = "--metrics", description = "Serve /metrics to everybody, as the role of --url or PGUSER sees them")
    private boolean metrics;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Connector connector = database.connector();
        PrintWriter out = spec.commandLine().getOut();
        Optional<Handler> figures = metrics ? Optional.of(new MetricsHandler(connector)) : Optional.empty();
        try (WebServer server = new WebServer(options(), logins -> new Site(connector, logins, figures))) {
            server.start();
            out.println("pgnet ui for " + connector.address().shown() + ": " + server.url());
            out.flush();
            untilStopped();
        }
        return ExitCodes.WELL;
    }

    private static void untilStopped() throws InterruptedException {
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(stopped::countDown, "pgnet-stop"));
        stopped.await();
    }

    private ListenOptions options() throws UnknownHostException {
        int colon = listen.lastIndexOf(':');
        if (colon < 1 || !listen.substring(colon + 1).matches("\\d{1,5}")) {
            throw new ParameterException(
                    spec.commandLine(), "--listen takes an address and a port, like 127.0.0.1:8432.");
        }
        if ((certificate == null) != (key == null)) {
            throw new ParameterException(spec.commandLine(), "--tls-certificate and --tls-key belong together.");
        }
        Optional<ListenOptions.Tls> tls =
                certificate == null ? Optional.empty() : Optional.of(new ListenOptions.Tls(certificate, key));
        InetAddress address = InetAddress.getByName(listen.substring(0, colon));
        return new ListenOptions(
                address, Integer.parseInt(listen.substring(colon + 1)), Set.copyOf(names), tls, insecure);
    }
}
