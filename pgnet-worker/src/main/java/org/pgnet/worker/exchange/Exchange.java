package org.pgnet.worker.exchange;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.pgnet.curl.NativeBytes;
import org.pgnet.curl.Transfer;
import org.pgnet.curl.TransferResult;
import org.pgnet.worker.http.HeaderLines;
import org.pgnet.worker.http.Origins;
import org.pgnet.worker.http.RequestException;
import org.pgnet.worker.http.ResponseReader;
import org.pgnet.worker.spi.Outcome;
import org.pgnet.worker.spi.QueuedRequest;
import org.pgnet.worker.spi.Settings;

/**
 * One request on its way from hop to hop until it has an outcome. Made by the backend thread, which then hands it over; from
 * there on the transfer thread's alone.
 */
public final class Exchange {
    /** RFC 9110, section 9, and RFC 5789: written in capitals, however the caller wrote them. */
    private static final Set<String> STANDARD_METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH");

    private final QueuedRequest request;
    private final TimeoutText times = new TimeoutText();
    private String origin;
    private String url;
    private String method = "";
    private NativeBytes body;
    private List<String> headerLines = List.of();
    private long maxBodyBytes;
    private int redirects;
    private boolean begun;
    private long startNanos;
    private long memoryWaitNanos;

    /** @param origin the origin of the request's URL */
    public Exchange(QueuedRequest request, String origin) {
        this.request = request;
        this.origin = origin;
        this.url = request.url();
        this.body = request.body();
    }

    public QueuedRequest request() {
        return request;
    }

    /** The origin that the next hop, or the one in flight, goes to. */
    public String origin() {
        return origin;
    }

    /** Whether a hop was sent already, so that the request's time is running. */
    public boolean begun() {
        return begun;
    }

    /**
     * The next hop, to be sent now.
     *
     * @throws RequestException when it cannot be sent
     */
    public Transfer nextTransfer(Settings settings, EgressPolicy egress, long nowNanos) throws RequestException {
        if (!begun) {
            begin(settings, nowNanos);
        }
        egress.check(url);
        int timeoutMillis = 0;
        if (request.timeoutMillis() > 0) {
            // Rounded up: to libcurl 0 would mean no limit.
            timeoutMillis = (int) Math.max(1, (nanosLeft(nowNanos) + 999_999) / 1_000_000);
        }
        return new Transfer(method, url, headerLines, body, timeoutMillis, maxBodyBytes, this);
    }

    /**
     * Takes the result of a hop.
     *
     * @param result stays the caller's to close
     * @return how the request ended, or empty when there is another hop to send
     */
    public Optional<Outcome> finish(TransferResult result, ResponseReader reader, Origins origins, long nowNanos) {
        memoryWaitNanos += result.memoryWaitNanos();
        try {
            if (result.failed()) {
                return Optional.of(failure(result, nowNanos));
            }
            if (Redirects.isRedirect(result.status())) {
                reader.read(result.headerBlock());
                Optional<String> location = reader.location();
                if (location.isPresent()) {
                    times.addConnected(result.timings());
                    redirect(result.status(), location.get(), origins);
                    return Optional.empty();
                }
            }
            return Optional.of(new Outcome.Response(
                    request,
                    Instant.now(),
                    duration(nowNanos),
                    result.status(),
                    result.takeHeaderBlock(),
                    result.takeBody(),
                    NativeBytes.empty()));
        } catch (RequestException refused) {
            return Optional.of(failed(refused.getMessage(), nowNanos));
        }
    }

    /** The outcome of a request that no hop of which is in flight. */
    public Outcome failed(String message, long nowNanos) {
        return new Outcome.Failure(request, Instant.now(), duration(nowNanos), false, message);
    }

    /** The outcome of a request whose time was over while its next hop waited for its turn. */
    public Outcome timedOut(long nowNanos) {
        return timeout(nowNanos);
    }

    /** The nanoseconds that are left of the request's time; {@link Long#MAX_VALUE} when it has no limit. */
    public long nanosLeft(long nowNanos) {
        if (request.timeoutMillis() == 0) {
            return Long.MAX_VALUE;
        }
        return TimeUnit.MILLISECONDS.toNanos(request.timeoutMillis()) + memoryWaitNanos - (nowNanos - startNanos);
    }

    private void begin(Settings settings, long nowNanos) throws RequestException {
        begun = true;
        startNanos = nowNanos;
        maxBodyBytes = settings.maxResponseBytes();
        String upperCase = request.method().toUpperCase(Locale.ROOT);
        method = STANDARD_METHODS.contains(upperCase) ? upperCase : request.method();
        if (upperCase.equals("CONNECT") || upperCase.equals("TRACE")) {
            throw new RequestException("method " + upperCase + " is not supported");
        }
        headerLines = HeaderLines.lines(request.headersJson(), settings.userAgent());
    }

    private void redirect(int status, String location, Origins origins) throws RequestException {
        if (redirects == Redirects.MAX) {
            throw new RequestException(Redirects.TOO_MANY);
        }
        redirects++;
        url = Redirects.target(url, location);
        String nextMethod = Redirects.method(status, method);
        if (!nextMethod.equals(method)) {
            method = nextMethod;
            body = NativeBytes.empty();
            Redirects.dropBodyHeaders(headerLines);
        }
        String nextOrigin = origins.of(url);
        if (!nextOrigin.equals(origin)) {
            origin = nextOrigin;
            Redirects.dropOriginHeaders(headerLines);
        }
    }

    private Outcome failure(TransferResult result, long nowNanos) {
        // Without a limit of its own, the request met one of libcurl's, such as that on connecting.
        if (!result.timedOut() || request.timeoutMillis() == 0) {
            return failed(result.errorText(), nowNanos);
        }
        if (isConnected(result)) {
            times.addConnected(result.timings());
        } else {
            times.addUnconnected(result.timings());
        }
        return timeout(nowNanos);
    }

    /**
     * Whether a transfer that timed out had its connection. Its marks are zero when the name was not resolved, and also when
     * there was nothing to resolve because a connection was open; and libcurl 8 sets the later ones when it gives up on
     * connecting. Only libcurl's text tells these apart.
     */
    private static boolean isConnected(TransferResult result) {
        return result.errorDetail().startsWith("Operation timed out");
    }

    private Outcome timeout(long nowNanos) {
        if (redirects > 0) {
            times.elapsed(TimeUnit.NANOSECONDS.toMicros(nowNanos - startNanos));
        }
        String message = times.text(request.timeoutMillis());
        return new Outcome.Failure(request, Instant.now(), duration(nowNanos), true, message);
    }

    private Duration duration(long nowNanos) {
        return begun ? Duration.ofNanos(Math.max(0, nowNanos - startNanos)) : Duration.ZERO;
    }
}
