package org.pgnet.jni.torture;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.pgnet.testkit.http.HttpServerFixture;
import org.pgnet.testkit.http.ReceivedRequest;
import org.pgnet.testkit.http.Reply;

/**
 * Two HTTP servers, a quick one and one that takes its time, which note when each token came. They answer with the token
 * and the method, so that a response shows whose it is. Any thread, but for going away and coming back.
 */
final class Receiver implements AutoCloseable {
    private static final int LOWEST_PORT = 20_000;
    private static final int LOWEST_PORT_OF_THE_SYSTEM = 32_768;
    /** The method of requests that are refused twice before they are answered. */
    static final String REFUSED_AT_FIRST = "REPORT";

    /** That of requests which are rejected, and answered when they are sent again by hand. */
    static final String REJECTED_ONCE = "UNLOCK";

    static final int REJECTION = 404;

    private static final int REFUSALS = 2;
    private static final String PATH = "/token";
    private static final int QUICK_MILLIS = 4;
    private static final int SLOW_MILLIS = 250;

    private final Map<String, long[]> arrivals = new ConcurrentHashMap<>();
    private final Map<String, Integer> refusals = new ConcurrentHashMap<>();
    private final int quickPort;
    private final int slowPort;
    private HttpServerFixture quick = start(QUICK_MILLIS);
    private HttpServerFixture slow = start(SLOW_MILLIS);

    Receiver() {
        quickPort = quick.port();
        slowPort = slow.port();
    }

    /** Where a token, to be added to it, is answered within a few milliseconds. */
    String quickUrl() {
        return url(quickPort);
    }

    /** Where a token, to be added to it, is answered after up to a quarter of a second. */
    String slowUrl() {
        return url(slowPort);
    }

    /** When requests with each token came that were answered, in the order they did, as {@link System#nanoTime}. */
    Map<String, long[]> arrivals() {
        return arrivals;
    }

    /** Closes every connection and refuses new ones. */
    void goAway() {
        quick.close();
        slow.close();
    }

    /** Listens again, on the same ports. */
    void comeBack() {
        quick = startOn(quickPort, QUICK_MILLIS);
        slow = startOn(slowPort, SLOW_MILLIS);
    }

    @Override
    public void close() {
        goAway();
    }

    /** On a port that the system gives to nobody's outgoing connection while the server is away. */
    private HttpServerFixture start(int longestMillis) {
        while (true) {
            try {
                return startOn(
                        ThreadLocalRandom.current().nextInt(LOWEST_PORT, LOWEST_PORT_OF_THE_SYSTEM), longestMillis);
            } catch (UncheckedIOException taken) {
                continue;
            }
        }
    }

    private static String url(int port) {
        return "http://127.0.0.1:" + port + PATH + "?token=";
    }

    private HttpServerFixture startOn(int port, int longestMillis) {
        return HttpServerFixture.startOn(port, Map.of(PATH, request -> answer(request, longestMillis)));
    }

    private Optional<Reply> answer(ReceivedRequest request, int longestMillis) throws InterruptedException {
        String token = request.parameter("token").orElseThrow();
        if (request.method().equals(REFUSED_AT_FIRST) && refusals.merge(token, 1, Integer::sum) <= REFUSALS) {
            return Optional.of(new Reply(503, List.of(), new byte[0]));
        }
        if (request.method().equals(REJECTED_ONCE) && refusals.merge(token, 1, Integer::sum) == 1) {
            return Optional.of(new Reply(REJECTION, List.of(), new byte[0]));
        }
        arrivals.merge(token, new long[] {System.nanoTime()}, Receiver::joined);
        Thread.sleep(Math.floorMod(token.hashCode(), longestMillis));
        boolean ownBody = request.body().length == 0 || request.text().contains(token);
        return Optional.of(new Reply(
                ownBody ? 200 : 409,
                List.of("Content-Type: text/plain"),
                (token + " " + request.method()).getBytes(StandardCharsets.UTF_8)));
    }

    private static long[] joined(long[] earlier, long[] later) {
        long[] all = Arrays.copyOf(earlier, earlier.length + later.length);
        System.arraycopy(later, 0, all, earlier.length, later.length);
        return all;
    }
}
