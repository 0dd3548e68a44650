package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left on a kept connection is nobody's answer, and a request on a dead one is sent once more and no oftener. */
class StaleConnectionTest extends LoopTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String FORGED = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged";

    /** An answer whose second part comes as soon as the client has had time to keep the connection. */
    private String onInTwoParts(String first, String second) {
        return server.on("/two", (request, out) -> {
            write(out, first);
            pause();
            write(out, second);
            return true;
        });
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    /** Part of what the server does, not a wait for anything. */
    private static void pause() {
        LockSupport.parkNanos(50_000_000);
    }

    @ParameterizedTest
    @CsvSource({"GET, 200 OK", "POST, 200 OK", "HEAD, 200 OK", "GET, 204 No Content", "GET, 304 Not Modified"})
    void secondAnswerIsNotTheNextRequests(String method, String status) {
        boolean hasBody = status.startsWith("200") && !method.equals("HEAD");
        String first = "HTTP/1.1 " + status + "\r\n" + (hasBody ? "Content-Length: 1\r\n\r\n1" : "\r\n");
        Received one = send(transfer(method, onInTwoParts(first, FORGED), NativeBytes.empty()));
        assertThat(one.errorText()).isEmpty();
        pause();
        pause();

        Received next = send(transfer("POST", server.on("/", OK), body("order")));

        assertThat(next.body()).isEqualTo("ok");
        assertThat(next.sendings()).isEqualTo(1);
        assertThat(server.requests()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"204 No Content", "304 Not Modified"})
    void connectionOfAnAnswerThatDeclaresABodyItMustNotHaveIsNotUsedAgain(String status) {
        // The body comes after the next request was sent: nothing waits before.
        String url = server.on("/", (request, out) -> {
            write(out, "HTTP/1.1 " + status + "\r\nContent-Length: 47\r\n\r\n");
            return true;
        });
        send(get(url));
        send(get(server.on("/next", OK)));
        assertThat(server.connections()).isEqualTo(2);
    }

    @Test
    void statusOfAServerThatClosesAnIdleConnectionIsNotTheNextAnswer() {
        String url = server.on("/first", (request, out) -> {
            write(out, OK);
            pause();
            write(out, "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            return false;
        });
        send(get(url));
        pause();
        pause();

        Received next = send(transfer("POST", server.on("/", OK), body("order")));

        assertThat(next.status()).isEqualTo(200);
        assertThat(next.sendings()).isEqualTo(1);
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void connectionsThatHaveEndedAreNotSentOn() {
        String url = server.onThenClose("/", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        sendAll(Collections.nCopies(5, get(url)));
        pause();
        assertThat(send(get(url)).sendings()).isEqualTo(1);
        assertThat(server.requests()).hasSize(6);
    }

    @Test
    void requestThatMeetsDeadConnectionsIsSentTwiceAndNotOftener() {
        CountDownLatch allAreThere = new CountDownLatch(8);
        String url = server.on("/", (request, out) -> {
            if (request.number() > 1) {
                return false;
            }
            allAreThere.countDown();
            await(allAreThere);
            write(out, OK);
            return true;
        });
        assertThat(sendAll(Collections.nCopies(8, get(url))))
                .allMatch(each -> each.body().equals("ok"));

        for (int i = 1; i <= 7; i++) {
            Received next = send(transfer("POST", url, body("order " + i)));

            assertThat(next.body()).isEqualTo("ok");
            assertThat(next.sendings()).isEqualTo(2);
            assertThat(server.requests()).hasSize(8 + 2 * i);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void requestWhoseAnswerHasBegunIsNotSentAgain() {
        String url = server.on("/", (request, out) -> {
            write(out, request.number() == 1 ? OK : "HTTP/1.1 200 OK\r\n");
            return request.number() == 1;
        });
        send(get(url));

        Received next = send(transfer("POST", url, body("order")));

        assertThat(next.failed()).isTrue();
        assertThat(next.sendings()).isEqualTo(1);
        assertThat(server.requests()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"POST, 1", "PATCH, 1", "PURGE, 1", "PUT, 2", "DELETE, 2", "GET, 2"})
    void requestWhoseAnswerBreaksOffInItsFirstLineIsSentAgainOnlyIfThatDoesNoHarm(String method, int sendings) {
        String url = server.on("/", (request, out) -> {
            write(out, request.number() == 1 ? OK : "HTT");
            return request.number() == 1;
        });
        send(get(url));

        Received next = send(transfer(method, url, method.startsWith("P") ? body("order") : NativeBytes.empty()));

        assertThat(next.sendings()).isEqualTo(sendings);
        assertThat(next.failed()).isEqualTo(sendings == 1);
        assertThat(server.requests()).hasSize(1 + sendings);
        if (next.failed()) {
            assertThat(next.errorText()).isEqualTo("Server returned nothing (no headers, no data)");
        }
    }

    @Test
    void requestThatIsRefusedByAFreshConnectionIsNotSentAgain() {
        Received received = send(transfer("POST", server.on("/", (request, out) -> false), body("order")));
        assertThat(received.failed()).isTrue();
        assertThat(received.sendings()).isEqualTo(1);
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void requestThatWasNeverSentSaysSo() {
        assertThat(send(get("http://127.0.0.1:1/")).sendings()).isZero();
    }

    @Test
    void timeLimitCountsFromTheFirstSending() {
        String url = server.on("/", (request, out) -> {
            if (request.number() > 1) {
                LockSupport.parkNanos(1_500_000_000);
                return false;
            }
            if (!request.values("X-Slow").isEmpty()) {
                LockSupport.parkNanos(6_000_000_000L);
            }
            write(out, OK);
            return true;
        });
        sendAll(List.of(get(url), get(url)));
        long begin = System.nanoTime();
        Received next =
                send(new Transfer(1, "GET", url, List.of("X-Slow: 1"), NativeBytes.empty(), 2000, ONE_MEGABYTE, url));
        assertThat(next.timedOut()).isTrue();
        assertThat(next.sendings()).isEqualTo(2);
        assertThat(System.nanoTime() - begin).isBetween(1_900_000_000L, 3_300_000_000L);
    }

    @ParameterizedTest
    @CsvSource({
        "POST, 1",
        "PUT, 1",
        "PATCH, 1",
        "GET, 3",
        "DELETE, 3",
        "OPTIONS, 3",
        "PURGE, 3",
        "HEAD, 3",
    })
    void connectionIsUsedAgainAfterABodyOnlyWhereServersReadOne(String method, int connections) {
        String url = server.on("/", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        for (int i = 0; i < 3; i++) {
            send(transfer(method, url, body("GET /smuggled HTTP/1.1\r\n\r\n")));
        }
        assertThat(server.connections()).isEqualTo(connections);
    }

    /** Of the standard library of some language: it answers by the head alone, and goes on with what comes next. */
    @ParameterizedTest
    @ValueSource(ints = {200, 413})
    void connectionIsNotUsedAfterAnAnswerThatCameBeforeTheBodyWasThere(int status) throws IOException {
        List<Integer> requestsOfConnections = Collections.synchronizedList(new ArrayList<>());
        try (ServerSocket listener = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"))) {
            Thread thread = new Thread(() -> answerWithoutReading(listener, status, requestsOfConnections));
            thread.setDaemon(true);
            thread.start();
            String url = "http://127.0.0.1:" + listener.getLocalPort() + "/";
            send(transfer("POST", url, body("x".repeat(8 << 20))));
            Received next = send(get(url));
            assertThat(next.status()).isEqualTo(status);
        }
        assertThat(requestsOfConnections).containsExactly(1, 1);
    }

    private static void answerWithoutReading(ServerSocket listener, int status, List<Integer> requests) {
        try {
            while (true) {
                Socket connection = listener.accept();
                int index = requests.size();
                requests.add(0);
                Thread thread = new Thread(() -> {
                    try (connection) {
                        StringBuilder head = new StringBuilder();
                        while (true) {
                            int c = connection.getInputStream().read();
                            if (c < 0) {
                                return;
                            }
                            if (head.append((char) c).toString().endsWith("\r\n\r\n")) {
                                requests.set(index, requests.get(index) + 1);
                                head.setLength(0);
                                write(
                                        connection.getOutputStream(),
                                        "HTTP/1.1 " + status + " X\r\nContent-Length: 2\r\n\r\nok");
                            } else if (head.length() > 1000) {
                                head.delete(0, 900);
                            }
                        }
                    } catch (IOException closed) {
                        // By the client.
                    }
                });
                thread.setDaemon(true);
                thread.start();
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    @Test
    void manyConnectionsOfOneOwnerAreStillUsedAgain() {
        String url = server.on("/", OK);
        for (int round = 0; round < 20; round++) {
            sendAll(IntStream.range(0, 8).mapToObj(i -> get(url)).toList());
        }
        assertThat(server.connections()).isLessThanOrEqualTo(8);
    }
}
