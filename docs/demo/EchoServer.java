import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/**
 * The other end of the demonstration: an HTTP server on a free port of 127.0.0.1, or on the given port of all addresses,
 * that answers with what it was asked, and takes five seconds over {@code /slow}. Prints its address when it is ready.
 */
public final class EchoServer {
    private static final long SLOW_MILLIS = 5000;

    private EchoServer() {}

    public static void main(String[] arguments) throws IOException {
        // Without it a small response waits for the client's delayed acknowledgement, 40 ms.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        InetSocketAddress address = arguments.length == 0
                ? new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0)
                : new InetSocketAddress(Integer.parseInt(arguments[0]));
        HttpServer server = HttpServer.create(address, 1024);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", EchoServer::echo);
        server.createContext("/slow", EchoServer::slow);
        server.start();
        System.out.println("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private static void slow(HttpExchange exchange) throws IOException {
        try {
            Thread.sleep(SLOW_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        echo(exchange);
    }

    /** Says what was asked; the body of a request is JSON already, because that is what pg_net sends. */
    private static void echo(HttpExchange exchange) throws IOException {
        String sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String answer = "{\"you_asked\": \"" + exchange.getRequestMethod() + " " + exchange.getRequestURI() + "\""
                + (sent.isEmpty() ? "" : ", \"you_sent\": " + sent) + "}";
        byte[] body = answer.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
