package org.pgnet.worker.exchange;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.pgnet.curl.Certificates;
import org.pgnet.curl.NativeBytes;
import org.pgnet.curl.Transfer;
import org.pgnet.curl.TransferFailure;
import org.pgnet.curl.TransferResult;
import org.pgnet.worker.http.HeaderLines;
import org.pgnet.worker.http.Origins;
import org.pgnet.worker.http.RequestException;
import org.pgnet.worker.secrets.Template;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.Endpoint;
import org.pgnet.worker.spi.FailureKind;
import org.pgnet.worker.spi.HostRules;
import org.pgnet.worker.spi.HostTerms;
import org.pgnet.worker.spi.NamedSecrets;
import org.pgnet.worker.spi.Secrets;
import org.pgnet.worker.spi.Settings;
import org.pgnet.worker.spi.Settlement;
import org.pgnet.worker.spi.TlsFiles;

/**
 * One request on its way from hop to hop until it has an outcome. The backend thread makes it and hands it over; from then
 * on only the transfer thread uses it.
 */
public final class Exchange {
    /** RFC 9110, section 9, and RFC 5789: written in capitals, however the caller wrote them. */
    private static final Set<String> STANDARD_METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH");

    private static final int UNAUTHORIZED = 401;
    private static final int GONE = 410;

    private final DueRequest request;
    private final Clock clock;
    private final Endpoint endpoint;
    private final TimeoutText times = new TimeoutText();
    private final StageTimes stages = new StageTimes();
    private String origin;
    private HostTerms terms = HostTerms.NONE;
    private HostTerms firstTerms = HostTerms.NONE;
    private String url;
    private String method = "";
    /** Lines of headers that are sent unless the caller or a rule of the host has set them. */
    private List<String> defaultLines = List.of();

    private NativeBytes body;
    private List<String> headerLines = List.of();
    private long maxBodyBytes;
    private Optional<Hops> hops = Optional.empty();
    private long redirectMemory;
    private int redirects;
    private boolean begun;
    private int attempts;
    /** Whether libcurl was given a hop twice, so that its times are those of the second one. */
    private boolean resent;

    private boolean connected;

    private Secrets secrets = Secrets.NONE;
    private String messageId = "";
    private HopContent content = HopContent.NONE;
    /** Those that let a request of a webhook begin. */
    private HostRules webhookRules = HostRules.NONE;

    private int timeoutMillis;
    private long startNanos;
    private long memoryWaitNanos;

    /**
     * Not begun yet.
     *
     * @param origin the origin of the request's URL
     * @param clock tells when it ended
     */
    public Exchange(DueRequest request, String origin, Clock clock) {
        this.request = request;
        this.clock = clock;
        this.origin = origin;
        this.url = request.http().url();
        this.body = request.http().body();
        this.endpoint = Origins.endpoint(request, origin);
    }

    /** The request that it leads. */
    public DueRequest request() {
        return request;
    }

    /** Whose request it is. */
    public long owner() {
        return request.owner();
    }

    /** The origin that the next hop, or the one in flight, goes to. */
    public String origin() {
        return origin;
    }

    /** What it finds broken or busy together with other requests: where its first hop goes. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** What holds for the next hop. */
    public void terms(HostTerms ofOrigin) {
        terms = ofOrigin;
        if (!begun) {
            firstTerms = ofOrigin;
        }
    }

    /** Whether it may be sent more than once. */
    public boolean hasPolicy() {
        return request.delivery().hasPolicy(firstTerms);
    }

    /** Whether its endpoint is left alone when it fails. */
    public boolean hasBreaker() {
        return firstTerms.hasBreaker(request.delivery().isOfWebhook());
    }

    /** Whether one of its hops has had a connection. */
    public boolean hasConnected() {
        return connected;
    }

    /** Whether a hop was sent already, so that the request's time is running. */
    public boolean begun() {
        return begun;
    }

    /** A header for the request, unless its caller has set one of this name. */
    public void defaultHeader(String name, String value) {
        defaultLine(name + ": " + value);
    }

    private void defaultLine(String line) {
        if (defaultLines.isEmpty()) {
            defaultLines = new ArrayList<>(2);
        }
        defaultLines.add(line);
    }

    /** What is put in for the names of secrets. */
    public void secrets(Secrets ofHost) {
        secrets = ofHost;
    }

    /** By which a receiver knows a signed request, each time that it comes. */
    public void messageId(String id) {
        messageId = id;
    }

    /** Earlier processes of the worker have sent the request so often. */
    public void sentBefore(int times) {
        attempts = times;
    }

    /**
     * The next hop, to be sent now.
     *
     * @throws RequestException when it cannot be sent
     */
    public Transfer nextTransfer(Settings settings, EgressPolicy egress, long nowNanos) throws RequestException {
        if (!begun) {
            requireInTime();
            requireWebhook(settings.hosts());
            begin(settings, nowNanos);
        }
        egress.check(url);
        requireRole(settings.hosts());
        int millisLeft = 0;
        if (timeoutMillis > 0) {
            // Rounded up: to libcurl 0 would mean no limit.
            millisLeft = (int) Math.max(1, (nanosLeft(nowNanos) + 999_999) / 1_000_000);
        }
        content.close();
        content = contentOfHop();
        return new Transfer(
                request.owner(),
                method,
                url,
                content.lines(),
                content.parts(),
                content.body(),
                millisLeft,
                terms.connectTimeoutMillis().orElse(0),
                certificates(),
                maxBodyBytes,
                request.delivery().attempts() > 0,
                this);
    }

    /** What a rule adds goes to the host of that rule alone. */
    private HopContent contentOfHop() throws RequestException {
        List<String> linesOfRule = terms.headersJson().isEmpty()
                ? List.of()
                : HeaderLines.lines(terms.headersJson().getBytes(StandardCharsets.UTF_8));
        NamedSecrets named = request.http().secrets();
        if (!named.isEmpty() || Filling.concerns(linesOfRule)) {
            try (Filling filling = filling()) {
                return filling.fill(named, url, headerLines, linesOfRule, defaultLines, body, messageId);
            }
        }
        List<String> lines = new ArrayList<>(headerLines.size() + defaultLines.size());
        lines.addAll(headerLines);
        HeaderLines.addMissing(lines, linesOfRule);
        HeaderLines.addMissing(lines, defaultLines);
        return HopContent.of(lines, body);
    }

    private Filling filling() {
        return new Filling(secrets, request.owner(), origin, clock.now());
    }

    /** Before each hop: a redirect may lead to a host that only some roles may call. */
    private void requireRole(HostRules rules) throws RequestException {
        if (!rules.mayCall(request.owner(), terms)) {
            throw new RequestException(
                    FailureKind.REFUSED,
                    "the role may not call this host: row \"" + terms.rolesRule()
                            + "\" of net.hosts names those that may");
        }
    }

    private void requireWebhook(HostRules rules) throws RequestException {
        if (!request.delivery().isOfWebhook()) {
            return;
        }
        webhookRules = rules;
        Optional<String> refusal =
                rules.refusalOf(request.owner(), request.delivery().webhook());
        if (refusal.isPresent()) {
            throw new RequestException(FailureKind.GONE, refusal.get());
        }
    }

    private Certificates certificates() {
        TlsFiles tls = terms.tls();
        return tls.isEmpty()
                ? Certificates.NONE
                : new Certificates(tls.caBundle(), tls.clientCertificate(), tls.clientKey());
    }

    /**
     * Takes the result of a hop.
     *
     * @param result stays the caller's to close
     * @return how the request ended, or empty when there is another hop to send
     */
    public Optional<Settlement> finish(TransferResult result, Hops with, long nowNanos) {
        hops = Optional.of(with);
        content.close();
        connected |= result.connected() || !result.failed();
        memoryWaitNanos += result.memoryWaitNanos();
        stages.add(result);
        resent |= result.sendings() > 1;
        attempts += Math.max(0, result.sendings() - 1);
        try {
            if (result.failed()) {
                return Optional.of(failure(result, nowNanos));
            }
            if (result.status() == UNAUTHORIZED && mayHaveSentSecrets()) {
                secrets.refresh();
            }
            if (result.status() == GONE && request.delivery().isOfWebhook()) {
                webhookRules.gone(request.owner(), request.delivery().webhook());
            }
            // Standard Webhooks: a redirect is no success of a message, which is for its receiver alone.
            if (Redirects.isRedirect(result.status()) && !request.isMessage()) {
                with.reader.read(result.headerBlock());
                Optional<String> location = with.reader.location();
                if (location.isPresent()) {
                    times.addConnected(result.timings());
                    redirect(result.status(), location.get(), with);
                    return Optional.empty();
                }
            }
            giveBackMemory();
            return Optional.of(new Settlement.Answered(
                    request,
                    clock.now(),
                    duration(nowNanos),
                    attempts,
                    result.status(),
                    result.takeHeaderBlock(),
                    result.takeBody(),
                    NativeBytes.empty(),
                    stages.stages()));
        } catch (RequestException refused) {
            return Optional.of(failed(refused.kind(), refused.getMessage(), nowNanos));
        }
    }

    private boolean mayHaveSentSecrets() {
        return !request.http().secrets().isEmpty() || Template.isPossible(terms.headersJson());
    }

    /** The outcome of a request that no hop of which is in flight. */
    public Settlement failed(FailureKind kind, String message, long nowNanos) {
        giveBackMemory();
        content.close();
        return failed(kind, message, duration(nowNanos));
    }

    private Settlement failed(FailureKind kind, String message, Duration duration) {
        return new Settlement.Failed(request, clock.now(), duration, attempts, kind, message, false, stages.stages());
    }

    /** The outcome of a request that somebody has removed before it began, with which there is nothing to record. */
    public Settlement removed(long nowNanos) {
        return failed(FailureKind.EXPIRED, "removed before it was sent", nowNanos);
    }

    /** The outcome of a request that has waited until it was too late to begin it. */
    public Settlement expired(long nowNanos) {
        return failed(FailureKind.EXPIRED, expiry(), nowNanos);
    }

    /** The outcome of a request whose time was over while its next hop waited for its turn. */
    public Settlement timedOut(long nowNanos) {
        return timeout(nowNanos);
    }

    /** The nanoseconds that are left of the request's time; {@link Long#MAX_VALUE} when it has no limit. */
    public long nanosLeft(long nowNanos) {
        if (timeoutMillis == 0) {
            return Long.MAX_VALUE;
        }
        return TimeUnit.MILLISECONDS.toNanos(timeoutMillis) + memoryWaitNanos - (nowNanos - startNanos);
    }

    private void requireInTime() throws RequestException {
        if (request.delivery().isExpired(clock.now())) {
            throw new RequestException(FailureKind.EXPIRED, expiry());
        }
    }

    private String expiry() {
        Instant expires = request.delivery().expires().orElseThrow();
        return "expired: not begun by " + expires.truncatedTo(ChronoUnit.SECONDS);
    }

    private void begin(Settings settings, long nowNanos) throws RequestException {
        begun = true;
        attempts++;
        startNanos = nowNanos;
        timeoutMillis = request.http().timeoutMillis(terms);
        maxBodyBytes = settings.maxResponseBytes();
        method = method(request.http().method());
        headerLines = HeaderLines.lines(request.http().headersJson());
        defaultLine(settings.userAgentLine());
    }

    private static String method(String written) throws RequestException {
        if (STANDARD_METHODS.contains(written)) {
            return written;
        }
        String upperCase = written.toUpperCase(Locale.ROOT);
        if (upperCase.equals("CONNECT") || upperCase.equals("TRACE")) {
            throw new RequestException(FailureKind.IMPOSSIBLE, "method " + upperCase + " is not supported");
        }
        return STANDARD_METHODS.contains(upperCase) ? upperCase : written;
    }

    private void giveBackMemory() {
        if (redirectMemory > 0) {
            hops.orElseThrow().memory.giveBack(redirectMemory);
            redirectMemory = 0;
        }
    }

    private void redirect(int status, String location, Hops with) throws RequestException {
        if (redirects == Redirects.MAX) {
            throw new RequestException(FailureKind.REDIRECT, Redirects.TOO_MANY);
        }
        redirects++;
        String from = url;
        url = Redirects.target(from, isNamingSecrets() ? Redirects.withoutBraces(location) : location);
        String nextMethod = Redirects.method(status, method);
        if (!nextMethod.equals(method)) {
            method = nextMethod;
            body = NativeBytes.empty();
            Redirects.dropBodyHeaders(headerLines);
        }
        String nextOrigin = with.origins.of(url);
        if (nextOrigin.equals(origin)) {
            url = Redirects.withCredentials(url, from);
        } else {
            origin = nextOrigin;
            Redirects.dropOriginHeaders(headerLines);
            if (isNamingSecrets()) {
                dropRefusedSecrets();
            }
        }
        long growth = url.length() - request.http().url().length();
        redirectMemory = with.memory.replace(redirectMemory, growth);
    }

    private boolean isNamingSecrets() {
        return !request.http().secrets().inserted().isEmpty();
    }

    /** A header with a secret goes on only to where the secret may be sent. */
    private void dropRefusedSecrets() {
        try (Filling filling = filling()) {
            headerLines.removeIf(
                    line -> Template.of(line, request.http().secrets().inserted()).secrets().stream()
                            .anyMatch(filling::isRefused));
        }
    }

    private Settlement failure(TransferResult result, long nowNanos) {
        if (hasMetLimitOfConnecting(result, nowNanos)) {
            return failed(
                    FailureKind.NETWORK,
                    "no connection within the connect_timeout of "
                            + terms.connectTimeoutMillis().getAsInt() + " ms",
                    nowNanos);
        }
        FailureKind kind = result.failure().map(this::kind).orElse(FailureKind.OTHER);
        if (kind != FailureKind.TIMEOUT) {
            return failed(kind, result.errorText(), nowNanos);
        }
        if (result.connected()) {
            times.addConnected(result.timings());
        } else {
            times.addUnconnected(result.timings());
        }
        return timeout(nowNanos);
    }

    private boolean hasMetLimitOfConnecting(TransferResult result, long nowNanos) {
        return result.timedOut()
                && !result.connected()
                && terms.connectTimeoutMillis().isPresent()
                && nanosLeft(nowNanos) > 0;
    }

    private FailureKind kind(TransferFailure failure) {
        return switch (failure) {
            case NETWORK -> FailureKind.NETWORK;
            // Without a limit of its own, the request met one of libcurl's, such as that on connecting.
            case TIMEOUT -> timeoutMillis == 0 ? FailureKind.NETWORK : FailureKind.TIMEOUT;
            case NO_MEMORY -> FailureKind.NO_MEMORY;
            case DENIED -> FailureKind.REFUSED;
            case CERTIFICATE -> FailureKind.CERTIFICATE;
            case IMPOSSIBLE -> FailureKind.IMPOSSIBLE;
            case TOO_LARGE -> FailureKind.TOO_LARGE;
            case OTHER -> FailureKind.OTHER;
        };
    }

    private Settlement timeout(long nowNanos) {
        giveBackMemory();
        if (redirects > 0 || resent) {
            times.elapsed(TimeUnit.NANOSECONDS.toMicros(nowNanos - startNanos));
        }
        String message = times.text(timeoutMillis);
        return failed(FailureKind.TIMEOUT, message, duration(nowNanos));
    }

    private Duration duration(long nowNanos) {
        return begun ? Duration.ofNanos(Math.max(0, nowNanos - startNanos)) : Duration.ZERO;
    }
}
