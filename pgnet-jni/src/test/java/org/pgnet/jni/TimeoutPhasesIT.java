package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.Sharing;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.RawServer;
import org.pgnet.testkit.session.ResponseRow;
import org.pgnet.testkit.session.Session;

/** A request whose time is over is an error row that says in which phase, whatever the server does to waste it. */
@PgNetTest(cluster = Sharing.WITH_NONE)
class TimeoutPhasesIT {
    private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";
    private static final Pattern TEXT = Pattern.compile("Timeout of 400 ms reached\\. Total time: ([\\d.]+) ms"
            + " \\(DNS time: ([\\d.]+) ms, TCP/SSL handshake time: ([\\d.]+) ms,"
            + " HTTP Request/Response time: ([\\d.]+) ms\\)");

    /** The figures of the text, in milliseconds. */
    private record Figures(double total, double lookup, double handshake, double exchange) {}

    @Given
    private static RawServer server;

    @Given
    private static PgCluster cluster;

    @Given
    private static Session caller;

    @Test
    void whileConnecting() throws Exception {
        List<Socket> waiting = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            fill(full, waiting);

            Figures figures = figures("http://127.0.0.1:" + full.getLocalPort() + "/");

            assertThat(figures.handshake()).isGreaterThan(figures.total() / 2);
            assertThat(figures.exchange()).isZero();
        } finally {
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    @Test
    void amongTheHeaders() throws SQLException {
        server.stall("/headers", "HTTP/1.1 200 OK\r\nX-One: 1\r\n");

        assertExchangeTookTheTime(figures(server.url("/headers")));
    }

    @Test
    void inTheBody() throws SQLException {
        server.stall("/body", HEAD + "only a part");

        assertExchangeTookTheTime(figures(server.url("/body")));
    }

    @Test
    void inABodyThatNeverEnds() throws SQLException {
        server.reply("/drops", out -> {
            out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes());
            while (!Thread.interrupted()) {
                out.write("1\r\nx\r\n".getBytes());
                out.flush();
                Thread.sleep(20);
            }
        });

        assertExchangeTookTheTime(figures(server.url("/drops")));
    }

    @Test
    void afterARedirect() throws SQLException {
        server.stall("/there", "");
        server.reply("/away", "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n");

        assertExchangeTookTheTime(figures(server.url("/away")));
    }

    @Test
    void whileTheBodyIsSent() throws SQLException {
        // Nobody reads it, and the buffers between hold only so much.
        server.stall("/upload", "");

        ResponseRow row = caller.answer(
                "SELECT net.request(?, method := 'PUT', body_text := repeat('x', 30000000), timeout := '400 ms')",
                server.url("/upload"));

        assertExchangeTookTheTime(figures(row));
    }

    @Test
    void zeroMeansNoLimit() throws SQLException {
        server.reply("/late", out -> {
            Thread.sleep(600);
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate".getBytes());
        });

        ResponseRow row = caller.answer("SELECT net.http_get(?, timeout_milliseconds := 0)", server.url("/late"));

        assertThat(row.content()).contains("late");
        assertThat(row.timedOut()).isFalse();
    }

    private static void assertExchangeTookTheTime(Figures figures) {
        assertThat(figures.exchange()).isGreaterThan(figures.total() / 2);
    }

    private static Figures figures(String url) throws SQLException {
        return figures(caller.answer("SELECT net.http_get(?, timeout_milliseconds := 400)", url));
    }

    /** None negative, and they add up. */
    private static Figures figures(ResponseRow row) {
        assertThat(row.isFailure()).isTrue();
        assertThat(row.timedOut()).isTrue();
        Matcher text = TEXT.matcher(row.error().orElseThrow());
        assertThat(text.matches()).as(row.error().orElseThrow()).isTrue();
        double[] figures = new double[4];
        for (int i = 0; i < figures.length; i++) {
            figures[i] = Double.parseDouble(text.group(i + 1));
        }
        // The upper bound only says that it is milliseconds: the machine may be busy.
        assertThat(figures[0]).isBetween(395.0, 8_000.0);
        assertThat(figures[1] + figures[2] + figures[3]).isCloseTo(figures[0], within(0.01));
        return new Figures(figures[0], figures[1], figures[2], figures[3]);
    }

    /** Connects until the kernel answers no more, because nobody accepts. */
    private static void fill(ServerSocket listener, List<Socket> connected) throws IOException {
        while (connected.size() < 200) {
            Socket socket = new Socket();
            connected.add(socket);
            try {
                socket.connect(new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort()), 300);
            } catch (SocketTimeoutException full) {
                return;
            }
        }
        throw new AssertionError("200 connections, and the listener is not full");
    }
}
