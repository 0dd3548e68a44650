package org.pgnet.server.web;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The JDK's HTTP server with what each request goes through before and after its handler. */
public final class WebServer implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(WebServer.class.getName());
    private static final int MOST_THREADS = 128;
    private static final int IDLE_THREAD_SECONDS = 10;
    private static final int MOST_FORM_BYTES = 256 * 1024;

    private final HttpServer server;
    private final ThreadPoolExecutor threads;
    private final Sessions sessions = new Sessions(Clock.systemUTC());
    private final Guard guard;
    private final Cookies cookies;
    private final Handler handler;
    private final boolean encrypted;

    /**
     * Binds; {@link #start} begins to answer.
     *
     * @param handler is made of what logs people in and out
     */
    public WebServer(ListenOptions options, Function<Logins, Handler> handler) throws IOException {
        // Read once by the JDK, when its first server is made: no delayed acknowledgements, and no request that takes
        // for ever.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.setProperty("sun.net.httpserver.maxReqTime", "30");
        encrypted = options.isEncrypted();
        server = options.tls().isPresent()
                ? encrypted(options, options.tls().get())
                : HttpServer.create(options.socketAddress(), 128);
        threads = new ThreadPoolExecutor(
                0, MOST_THREADS, IDLE_THREAD_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), WebServer::thread);
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        guard = new Guard(new HostCheck(options.names()));
        cookies = new Cookies(address().getPort(), encrypted);
        this.handler = handler.apply(new Logins(sessions, cookies));
    }

    public void start() {
        server.start();
    }

    /** Where it listens; with a port of its own choice if 0 was asked for. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** For people. */
    public String url() {
        InetSocketAddress address = address();
        String host = address.getAddress().getHostAddress();
        return (encrypted ? "https://" : "http://") + (host.contains(":") ? "[" + host + "]" : host) + ":"
                + address.getPort() + "/";
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        sessions.close();
    }

    private static HttpServer encrypted(ListenOptions options, ListenOptions.Tls files) throws IOException {
        HttpsServer https = HttpsServer.create(options.socketAddress(), 128);
        https.setHttpsConfigurator(new HttpsConfigurator(PemKeys.context(files)));
        return https;
    }

    private static Thread thread(Runnable runnable) {
        Thread thread = new Thread(runnable, "pgnet-http");
        thread.setDaemon(true);
        return thread;
    }

    private void serve(HttpExchange exchange) {
        try (exchange) {
            Answer answer = guard.refusal(exchange).orElseGet(() -> answer(exchange));
            send(exchange, answer);
        } catch (IOException e) {
            LOGGER.log(Level.DEBUG, "a browser has gone", e);
        }
    }

    private Answer answer(HttpExchange exchange) {
        try {
            Call call = call(exchange);
            boolean changes = call.method().equals("POST");
            String token = call.session()
                    .map(Session::csrfToken)
                    .orElseGet(() -> cookies.login(exchange.getRequestHeaders()).orElse(""));
            if (changes && !Guard.hasToken(call.form(), token)) {
                return Answer.text(403, "This form is too old. Go back, load the page again, and repeat it.\n");
            }
            return handler.answer(call);
        } catch (IllegalArgumentException e) {
            return Answer.text(400, "This address or form cannot be read.\n");
        } catch (Exception e) {
            LOGGER.log(Level.ERROR, "a request failed", e);
            return Answer.text(500, "This failed. The log of pgnet ui says why.\n");
        }
    }

    private Call call(HttpExchange exchange) throws IOException {
        boolean changes = exchange.getRequestMethod().equals("POST");
        Query form = changes ? Query.parse(body(exchange)) : Query.EMPTY;
        Optional<Session> session =
                cookies.session(exchange.getRequestHeaders()).flatMap(sessions::find);
        return new Call(
                changes ? "POST" : "GET",
                exchange.getRequestURI().getPath(),
                Query.parse(exchange.getRequestURI().getRawQuery()),
                form,
                exchange.getRemoteAddress().getAddress(),
                session,
                Optional.ofNullable(exchange.getRequestHeaders().getFirst("Accept"))
                        .orElse(""));
    }

    private static String body(HttpExchange exchange) throws IOException {
        try (InputStream input = exchange.getRequestBody()) {
            byte[] bytes = input.readNBytes(MOST_FORM_BYTES + 1);
            if (bytes.length > MOST_FORM_BYTES) {
                throw new IllegalArgumentException("a form of more than " + MOST_FORM_BYTES + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        answer.headers().forEach(exchange.getResponseHeaders()::add);
        SecurityHeaders.add(exchange.getResponseHeaders());
        boolean bodiless =
                exchange.getRequestMethod().equals("HEAD") || answer.body().length == 0 && !answer.isStream();
        exchange.sendResponseHeaders(answer.status(), bodiless ? -1 : answer.isStream() ? 0 : answer.body().length);
        if (!bodiless) {
            try (OutputStream output = exchange.getResponseBody()) {
                output.write(answer.body());
                answer.stream().write(output);
            }
        }
    }
}
