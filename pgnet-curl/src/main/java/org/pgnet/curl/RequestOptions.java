package org.pgnet.curl;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.List;
import java.util.Optional;

/**
 * All options of one easy handle, and what libcurl reads behind them while a transfer runs.
 *
 * <p>A transfer begins with curl_easy_reset(3) and sets everything, so that nothing of a request can leak into the next.
 * Only when the one before was of the same {@link Form} and went smoothly is it enough to set what may differ. What did not
 * go smoothly is {@linkplain #forget forgotten}, because libcurl counts retries on connections that had died: older releases
 * set that to 0 only in curl_easy_reset(3), and give up at 5 in the life of a handle.
 */
final class RequestOptions implements AutoCloseable {

    /** libcurl's own limit for connecting, DEFAULT_CONNECT_TIMEOUT, which also holds when a transfer has no limit. */
    private static final int CONNECT_TIMEOUT_MILLIS = 300_000;

    private static final int CA_CACHE_SECONDS = 60;

    /**
     * 8.1.0, the first that does not go on from the last header of a handle's last transfer, which it has freed, when the
     * first header of a response begins with a blank: of an older one the sink looks at each header first.
     */
    private static final int FORGETS_HEADERS_VERSION = 0x080100;

    private static final Memory PROTOCOLS = CString.constant("http,https");

    /** Something to point at for a body of no bytes: with a null pointer libcurl would ask a read callback. */
    private static final Memory EMPTY_BODY = CString.constant("");

    /** What most transfers have in common, one after the other. */
    private record Form(
            String method,
            List<String> headerLines,
            boolean withBody,
            String caBundle,
            Certificates certificates,
            Proxy proxy,
            boolean keep,
            boolean forgetNames) {
        /** Compared before each transfer, where the method of a record costs more than all of the comparisons. */
        @Override
        public boolean equals(Object object) {
            return object instanceof Form other
                    && keep == other.keep
                    && forgetNames == other.forgetNames
                    && withBody == other.withBody
                    && method.equals(other.method)
                    && headerLines.equals(other.headerLines)
                    && caBundle.equals(other.caBundle)
                    && (certificates == other.certificates || certificates.equals(other.certificates))
                    && (proxy == other.proxy || proxy.equals(other.proxy));
        }

        @Override
        public int hashCode() {
            return 31 * method.hashCode() + headerLines.hashCode();
        }

        /** Its own copy of the lines, which the caller may change afterwards. */
        Form copy() {
            return new Form(
                    method, List.copyOf(headerLines), withBody, caBundle, certificates, proxy, keep, forgetNames);
        }
    }

    private final OptionTable table = new OptionTable();
    private final long easy;
    private final long sink;
    private final long guard;
    private final long sockets;
    private final ConnectionPool pool;
    private final long errorBuffer;

    /** The form that the handle is set to. */
    private Optional<Form> known = Optional.empty();

    private RequestHeaders headers = RequestHeaders.NONE;
    private HeaderList headerList = new HeaderList(List.of(), List.of());

    RequestOptions(long easy, long sink, long guard, long sockets, ConnectionPool pool, long errorBuffer) {
        this.easy = easy;
        this.sink = sink;
        this.guard = guard;
        this.sockets = sockets;
        this.pool = pool;
        this.errorBuffer = errorBuffer;
    }

    /**
     * @param caBundle the file of certificates to trust, empty for libcurl's own
     * @param keep whether the connection may be used again
     * @param forgetNames whether libcurl is to forget the addresses of all hosts when the transfer ends
     * @throws CurlException when libcurl or a check refuses something of the transfer
     */
    void set(Transfer transfer, String caBundle, Proxy proxy, boolean keep, boolean forgetNames) {
        boolean withBody = !transfer.body().isEmpty();
        Form form = new Form(
                transfer.method(),
                transfer.headerLines(),
                withBody,
                caBundle,
                transfer.certificates(),
                proxy,
                keep,
                forgetNames);
        boolean hasSecrets = !transfer.secretParts().isEmpty();
        boolean another = known.isEmpty() || hasSecrets || !known.get().equals(form);
        if (another) {
            setHeaderList(
                    transfer.headerLines(),
                    transfer.secretParts().headerLines(),
                    withBody || isPost(transfer.method()));
            addWhatStays(form);
            known = Optional.of(form.copy());
        }
        table.clearRest();
        addBody(transfer.method(), transfer.body());
        addTimeouts(transfer.timeoutMillis(), transfer.connectTimeoutMillis());
        addUrl(transfer);
        apply(another, hasSecrets);
    }

    private void addWhatStays(Form form) {
        table.clear();
        addConstants();
        addForm(form);
        table.keep();
    }

    /** @param anew whether to begin with a reset handle, and to set what stays, too */
    private void apply(boolean anew, boolean overwrite) {
        try {
            table.apply(easy, anew);
        } finally {
            if (overwrite) {
                table.overwrite();
            }
        }
    }

    /** A transfer has ended that may have had secrets: nothing is left of them in what libcurl was given. */
    void overwriteSecrets() {
        headerList.overwrite();
    }

    /**
     * Sets what {@link #set} has set once more, for the same transfer on a new connection.
     *
     * @param millisLeft of its time, if that has a limit
     */
    void setAgainToConnect(Transfer transfer, int millisLeft) {
        if (!table.keepsSome()) {
            // It was overwritten, since it has had secrets.
            addWhatStays(known.orElseThrow());
        }
        table.clearRest();
        addBody(transfer.method(), transfer.body());
        // To libcurl 0 would mean no limit.
        addTimeouts(transfer.timeoutMillis() == 0 ? 0 : Math.max(1, millisLeft), transfer.connectTimeoutMillis());
        addUrl(transfer);
        table.add(LibCurl.CURLOPT_FRESH_CONNECT, 1);
        apply(true, !transfer.secretParts().isEmpty());
    }

    /** Whether the transfer that was set asks for codings that are undone. */
    boolean decodes() {
        return headers.decodes();
    }

    /** The next transfer is to begin with a reset handle. */
    void forget() {
        known = Optional.empty();
    }

    private void addConstants() {
        table.add(LibCurl.CURLOPT_ERRORBUFFER, errorBuffer);
        addSink();
        table.add(LibCurl.CURLOPT_OPENSOCKETFUNCTION, LibPgnet.PGNET_GUARD_OPEN);
        table.add(LibCurl.CURLOPT_OPENSOCKETDATA, guard);
        table.add(LibCurl.CURLOPT_CLOSESOCKETFUNCTION, LibPgnet.PGNET_SOCKETS_CLOSE);
        table.add(LibCurl.CURLOPT_CLOSESOCKETDATA, sockets);
        table.add(LibCurl.CURLOPT_PREREQFUNCTION, LibPgnet.PGNET_GUARD_REQUEST);
        table.add(LibCurl.CURLOPT_PREREQDATA, guard);
        if (LibCurl.HAS_OPENSSL) {
            table.add(LibCurl.CURLOPT_SSL_CTX_FUNCTION, LibPgnet.PGNET_SOCKETS_TLS);
            table.add(LibCurl.CURLOPT_SSL_CTX_DATA, LibCurl.FUNCTIONS);
        }
        // Signals are the business of the process around us.
        table.add(LibCurl.CURLOPT_NOSIGNAL, 1);
        // Without it a name resolution that hangs blocks curl_multi_perform(3) when the transfer times out.
        table.add(LibCurl.CURLOPT_QUICK_EXIT, 1);
        table.add(LibCurl.CURLOPT_SSLVERSION, LibCurl.CURL_SSLVERSION_TLSv1_2);
        table.add(LibCurl.CURLOPT_TCP_KEEPALIVE, 1);
        table.add(LibCurl.CURLOPT_SUPPRESS_CONNECT_HEADERS, 1);
        table.add(LibCurl.CURLOPT_PROTOCOLS_STR, Pointer.nativeValue(PROTOCOLS));
        if (pool.share() != 0) {
            table.add(LibCurl.CURLOPT_SHARE, pool.share());
        } else {
            // What the multi handle keeps is everybody's.
            table.add(LibCurl.CURLOPT_FRESH_CONNECT, 1);
            table.add(LibCurl.CURLOPT_SSL_SESSIONID_CACHE, 0);
        }
    }

    private void addSink() {
        if (CurlLibrary.isAtLeast(FORGETS_HEADERS_VERSION)) {
            table.add(LibCurl.CURLOPT_HEADERFUNCTION, LibPgnet.PGNET_SINK_HEADER);
            table.add(LibCurl.CURLOPT_WRITEFUNCTION, LibPgnet.PGNET_SINK_BODY);
        } else {
            table.add(LibCurl.CURLOPT_HEADER, 1);
            table.add(LibCurl.CURLOPT_HEADERFUNCTION, LibPgnet.PGNET_FIRST_HEADER_LINE);
            table.add(LibCurl.CURLOPT_WRITEFUNCTION, LibPgnet.PGNET_FIRST_HEADER_WRITE);
        }
        table.add(LibCurl.CURLOPT_HEADERDATA, sink);
        table.add(LibCurl.CURLOPT_WRITEDATA, sink);
    }

    private void addForm(Form form) {
        addMethod(form.method(), form.withBody());
        table.add(LibCurl.CURLOPT_HTTPHEADER, headerList.address());
        if (!form.keep() || pool.share() == 0 || headers.mayMisleadAboutItsEnd() || mayBeReadDifferently(form)) {
            table.add(LibCurl.CURLOPT_FORBID_REUSE, 1);
        }
        if (form.forgetNames()) {
            // The cache is one for all transfers, and each that ends takes out what is older than its own limit.
            table.add(LibCurl.CURLOPT_DNS_CACHE_TIMEOUT, 0);
        }
        addCertificates(form.caBundle(), form.certificates());
        addProxy(form.proxy());
    }

    private void addCertificates(String commonCaBundle, Certificates own) {
        String caBundle = own.caBundle().isEmpty() ? commonCaBundle : own.caBundle();
        if (!caBundle.isEmpty()) {
            // Else the system's directory of certificates would be trusted beside the file.
            table.add(LibCurl.CURLOPT_CAPATH, 0);
            table.add(LibCurl.CURLOPT_CAINFO, fileName(caBundle));
        }
        if (!own.caBundle().isEmpty()) {
            // The file may be replaced under its name; libcurl would keep for a day what it has read.
            table.add(LibCurl.CURLOPT_CA_CACHE_TIMEOUT, CA_CACHE_SECONDS);
        }
        if (!own.clientCertificate().isEmpty()) {
            table.add(LibCurl.CURLOPT_SSLCERT, fileName(own.clientCertificate()));
        }
        if (!own.clientKey().isEmpty()) {
            table.add(LibCurl.CURLOPT_SSLKEY, fileName(own.clientKey()));
        }
    }

    private static String fileName(String path) {
        if (!CString.isPossible(path)) {
            throw new CurlException(
                    LibCurl.CURLE_BAD_FUNCTION_ARGUMENT, "the name of a file contains a null character");
        }
        return path;
    }

    private void addMethod(String method, boolean withBody) {
        if (method.equals("HEAD")) {
            table.add(LibCurl.CURLOPT_NOBODY, 1);
        } else if (!withBody && isPost(method)) {
            table.add(LibCurl.CURLOPT_POSTFIELDSIZE_LARGE, 0);
            table.add(LibCurl.CURLOPT_POSTFIELDS, Pointer.nativeValue(EMPTY_BODY));
        }
        if (!isImplied(method, withBody)) {
            requireToken(method);
            table.add(LibCurl.CURLOPT_CUSTOMREQUEST, method);
        }
    }

    private void addBody(String method, NativeBytes body) {
        if (!body.isEmpty() && !method.equals("HEAD")) {
            table.add(LibCurl.CURLOPT_POSTFIELDSIZE_LARGE, body.length());
            table.add(LibCurl.CURLOPT_POSTFIELDS, body.address());
        }
    }

    /** libcurl's own limit for connecting must not end a transfer that was given more time than that. */
    private void addTimeouts(int millis, int connectMillis) {
        if (millis < 0 || connectMillis < 0) {
            // Some releases take it for a very long one.
            throw new CurlException(LibCurl.CURLE_BAD_FUNCTION_ARGUMENT, "the timeout is negative");
        }
        table.add(LibCurl.CURLOPT_TIMEOUT_MS, millis);
        table.add(
                LibCurl.CURLOPT_CONNECTTIMEOUT_MS,
                connectMillis > 0 ? connectMillis : Math.max(millis, CONNECT_TIMEOUT_MILLIS));
    }

    /** Takes the time limit away from a transfer that runs; libcurl looks at the option whenever it looks at the clock. */
    void suspendTimeout() {
        setTimeout(0);
    }

    /** Gives it a time limit again, counted from its start. */
    void resumeTimeout(long millis) {
        // libcurl refuses more.
        setTimeout(Math.min(millis, Integer.MAX_VALUE));
    }

    private void setTimeout(long millis) {
        ReturnCode.checkEasy(LibCurl.curl_easy_setopt(easy, LibCurl.CURLOPT_TIMEOUT_MS, millis));
    }

    private void addUrl(Transfer transfer) {
        Optional<SecretBytes> secretUrl = transfer.secretParts().url();
        if (secretUrl.isPresent()) {
            table.add(LibCurl.CURLOPT_URL, secretUrl.get().cString());
        } else {
            addOpenUrl(transfer.url());
        }
    }

    private void addOpenUrl(String url) {
        if (!CString.isPossible(url)) {
            ReturnCode.checkEasy(LibCurl.CURLE_URL_MALFORMAT);
        }
        table.add(LibCurl.CURLOPT_URL, WireUrl.of(url));
    }

    /** An option that is not set leaves it to the environment. */
    private void addProxy(Proxy proxy) {
        if (proxy instanceof Proxy.None) {
            table.add(LibCurl.CURLOPT_PROXY, "");
            table.add(LibCurl.CURLOPT_NOPROXY, "");
        } else if (proxy instanceof Proxy.At at) {
            table.add(LibCurl.CURLOPT_PROXY, at.url());
            table.add(LibCurl.CURLOPT_NOPROXY, "");
        }
    }

    /** Whether a request of this method says that its body is empty when it has none. */
    private static boolean isPost(String method) {
        return method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
    }

    /** Whether the options for the body make libcurl send this method by itself. */
    private static boolean isImplied(String method, boolean withBody) {
        return switch (method) {
            case "GET" -> !withBody;
            case "HEAD", "POST" -> true;
            default -> false;
        };
    }

    /**
     * Whether the server may take this request, or libcurl the answer, to end elsewhere than the other one does: many servers
     * do not read a body that they do not expect, and some send one in answer to HEAD. What is left on the connection would
     * then be taken for the next request or its answer.
     */
    private static boolean mayBeReadDifferently(Form form) {
        return switch (form.method()) {
            case "HEAD" -> true;
            case "POST", "PUT", "PATCH" -> false;
            default -> form.withBody();
        };
    }

    private static void requireToken(String method) {
        if (!HttpToken.isToken(method)) {
            throw new CurlException(LibCurl.CURLE_BAD_FUNCTION_ARGUMENT, "the request method is not a token");
        }
    }

    private void setHeaderList(List<String> lines, List<SecretParts.Line> secretLines, boolean posts) {
        RequestHeaders next = RequestHeaders.of(lines, secretLines, posts);
        HeaderList nextList = new HeaderList(next.lines(), secretLines);
        headerList.close();
        headerList = nextList;
        headers = next;
    }

    /** Frees what libcurl reads: the easy handle must be gone. */
    @Override
    public void close() {
        headerList.close();
        table.close();
    }
}
