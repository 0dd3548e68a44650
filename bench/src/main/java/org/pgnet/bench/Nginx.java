package org.pgnet.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.pgnet.testkit.machine.Command;
import org.pgnet.testkit.machine.Eventually;
import org.pgnet.testkit.machine.FreePort;

/**
 * Debian's nginx with two workers and kept connections, in a directory of its own, on a free port of 127.0.0.1 and of
 * {@link #hosts}. {@code /} answers with a small JSON body, {@code /delay/N}, for some N, after N milliseconds,
 * {@code /large} with {@link #LARGE_BYTES} of JSON.
 */
final class Nginx implements AutoCloseable {
    static final int LARGE_BYTES = 5_000_000;

    private static final List<String> HOSTS = IntStream.range(0, 100)
            .mapToObj(i -> "127.0." + (1 + i / 10) + "." + (1 + i % 10))
            .toList();
    private static final List<Integer> DELAYS_MILLIS = List.of(50, 500, 1000, 5000);
    private static final String ECHO_MODULE = "/usr/lib/nginx/modules/ngx_http_echo_module.so";

    private final Path directory;
    private final int port = FreePort.next();
    private final Thread atInterrupt = new Thread(this::remove);
    private final Process process;

    private Nginx() throws IOException {
        directory = Files.createTempDirectory("pgnet-bench-nginx");
        Files.writeString(directory.resolve("large"), LargeBody.json(LARGE_BYTES));
        Files.writeString(directory.resolve("nginx.conf"), configuration());
        process = new ProcessBuilder(
                        "nginx", "-p", directory.toString(), "-c", "nginx.conf", "-e", "error.log", "-g", "daemon off;")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(atInterrupt);
    }

    /** A server that accepts connections. */
    static Nginx start() {
        try {
            Nginx nginx = new Nginx();
            Eventually.until("nginx accepts connections", Duration.ofSeconds(10), nginx::accepts);
            return nginx;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The address of a path. */
    String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    /** The address of a path at each of 100 loopback addresses. */
    List<String> hosts(String path) {
        return HOSTS.stream().map(host -> "http://" + host + ":" + port + path).toList();
    }

    /** Its processes: the master and the workers. */
    List<Long> processes() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .map(ProcessHandle::pid)
                .toList();
    }

    /** {@code nginx/1.22.1}. */
    static String version() {
        String output = Command.run(Path.of("/"), Map.of(), List.of("nginx", "-v"));
        return output.substring(output.indexOf("nginx/")).strip();
    }

    @Override
    public void close() {
        remove();
        Runtime.getRuntime().removeShutdownHook(atInterrupt);
    }

    private void remove() {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Command.run(Path.of("/"), Map.of(), List.of("rm", "-rf", directory.toString()));
    }

    private String configuration() {
        // The workers run as root when this does: what they serve is in a directory of root's.
        String user = "root".equals(System.getProperty("user.name")) ? "user root;\n" : "";
        String listen = HOSTS.stream()
                .map(host -> "        listen " + host + ":" + port + " backlog=4096;\n")
                .collect(Collectors.joining());
        String delays = DELAYS_MILLIS.stream().map(Nginx::delay).collect(Collectors.joining());
        return user + """
                load_module %s;
                worker_processes 2;
                worker_rlimit_nofile 16384;
                pid nginx.pid;
                events {
                    worker_connections 8192;
                }
                http {
                    access_log off;
                    client_body_temp_path client;
                    proxy_temp_path proxy;
                    fastcgi_temp_path fastcgi;
                    uwsgi_temp_path uwsgi;
                    scgi_temp_path scgi;
                    # As good as never: a connection that ends is not what is measured.
                    keepalive_requests 100000000;
                    keepalive_timeout 1h;
                    default_type application/json;
                    server {
                        listen 127.0.0.1:%d backlog=4096;
                %s
                        location / {
                            return 200 '{"id": 1, "name": "pg_net", "message": "a small JSON body"}';
                        }
                %s
                        location = /large {
                            alias %s/large;
                            sendfile on;
                        }
                    }
                }
                """.formatted(ECHO_MODULE, port, listen, delays, directory);
    }

    private static String delay(int millis) {
        return "        location = /delay/" + millis + " {\n"
                + "            echo_sleep " + millis / 1000.0 + ";\n"
                + "            echo '{\"delayed\": true}';\n"
                + "        }\n";
    }

    private boolean accepts() {
        if (!process.isAlive()) {
            throw new AssertionError("nginx did not start: " + text("output") + text("error.log"));
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private String text(String file) {
        try {
            return Files.readString(directory.resolve(file));
        } catch (IOException e) {
            return "";
        }
    }
}
