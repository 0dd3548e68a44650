package org.pgnet.curl;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.List;

/**
 * All options of one easy handle, and what libcurl reads behind them while a transfer runs.
 *
 * <p>Each transfer begins with curl_easy_reset(3) and sets everything again. So nothing of a request can leak into the
 * next, and libcurl's count of retries on connections that had died starts at 0: older releases reset it only there, and
 * give up at 5 in the life of a handle.
 */
final class RequestOptions implements AutoCloseable {

    /** libcurl's own limit for connecting, DEFAULT_CONNECT_TIMEOUT, which also holds when a transfer has no limit. */
    private static final int CONNECT_TIMEOUT_MILLIS = 300_000;

    private static final Memory PROTOCOLS = CString.constant("http,https");

    /** Something to point at for a body of no bytes: with a null pointer libcurl would ask a read callback. */
    private static final Memory EMPTY_BODY = CString.constant("");

    private final OptionTable table = new OptionTable();
    private final long easy;
    private final long sink;
    private final long guard;
    private final long errorBuffer;

    /** The last transfer's header lines: most transfers have the same, and their list is built one call a line. */
    private List<String> headerLines = List.of();

    private boolean headersWithBody;
    private RequestHeaders headers = RequestHeaders.NONE;
    private HeaderList headerList = new HeaderList(List.of());

    RequestOptions(long easy, long sink, long guard, long errorBuffer) {
        this.easy = easy;
        this.sink = sink;
        this.guard = guard;
        this.errorBuffer = errorBuffer;
    }

    /**
     * @param caBundle the file of certificates to trust, empty for libcurl's own
     * @throws CurlException when libcurl or a check refuses something of the transfer
     */
    void set(Transfer transfer, String caBundle, Proxy proxy) {
        setHeaderList(transfer.headerLines(), !transfer.body().isEmpty());
        table.clear();
        addConstants();
        addBody(transfer.method(), transfer.body());
        addTimeouts(transfer.timeoutMillis());
        table.add(LibCurl.CURLOPT_HTTPHEADER, headerList.address());
        if (headers.mayMisleadAboutItsEnd()) {
            table.add(LibCurl.CURLOPT_FORBID_REUSE, 1);
        }
        if (!caBundle.isEmpty()) {
            // Else the system's directory of certificates would be trusted beside the file.
            table.add(LibCurl.CURLOPT_CAPATH, 0);
        }
        table.apply(easy);
        setStrings(transfer);
        if (!caBundle.isEmpty()) {
            set(LibCurl.CURLOPT_CAINFO, caBundle);
        }
        setProxy(proxy);
    }

    private void addConstants() {
        table.add(LibCurl.CURLOPT_ERRORBUFFER, errorBuffer);
        table.add(LibCurl.CURLOPT_HEADERFUNCTION, LibPgnet.PGNET_SINK_HEADER);
        table.add(LibCurl.CURLOPT_HEADERDATA, sink);
        table.add(LibCurl.CURLOPT_WRITEFUNCTION, LibPgnet.PGNET_SINK_BODY);
        table.add(LibCurl.CURLOPT_WRITEDATA, sink);
        table.add(LibCurl.CURLOPT_OPENSOCKETFUNCTION, LibPgnet.PGNET_GUARD_OPEN);
        table.add(LibCurl.CURLOPT_OPENSOCKETDATA, guard);
        table.add(LibCurl.CURLOPT_PREREQFUNCTION, LibPgnet.PGNET_GUARD_REQUEST);
        table.add(LibCurl.CURLOPT_PREREQDATA, guard);
        // Signals are the business of the process around us.
        table.add(LibCurl.CURLOPT_NOSIGNAL, 1);
        // Without it a name resolution that hangs blocks curl_multi_perform(3) when the transfer times out.
        table.add(LibCurl.CURLOPT_QUICK_EXIT, 1);
        table.add(LibCurl.CURLOPT_SSLVERSION, LibCurl.CURL_SSLVERSION_TLSv1_2);
        table.add(LibCurl.CURLOPT_TCP_KEEPALIVE, 1);
        table.add(LibCurl.CURLOPT_SUPPRESS_CONNECT_HEADERS, 1);
        table.add(LibCurl.CURLOPT_PROTOCOLS_STR, Pointer.nativeValue(PROTOCOLS));
    }

    private void addBody(String method, NativeBytes body) {
        if (method.equals("HEAD")) {
            table.add(LibCurl.CURLOPT_NOBODY, 1);
        } else if (!body.isEmpty()) {
            table.add(LibCurl.CURLOPT_POSTFIELDSIZE_LARGE, body.length());
            table.add(LibCurl.CURLOPT_POSTFIELDS, body.address());
        } else if (method.equals("POST") || method.equals("PUT") || method.equals("PATCH")) {
            table.add(LibCurl.CURLOPT_POSTFIELDSIZE_LARGE, 0);
            table.add(LibCurl.CURLOPT_POSTFIELDS, Pointer.nativeValue(EMPTY_BODY));
        }
    }

    /** The limit for connecting must not end a transfer that was given more time than that. */
    private void addTimeouts(int millis) {
        if (millis < 0) {
            // Some releases take it for a very long one.
            throw new CurlException(LibCurl.CURLE_BAD_FUNCTION_ARGUMENT, "the timeout is negative");
        }
        table.add(LibCurl.CURLOPT_TIMEOUT_MS, millis);
        table.add(LibCurl.CURLOPT_CONNECTTIMEOUT_MS, Math.max(millis, CONNECT_TIMEOUT_MILLIS));
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

    /** A string is a call of its own, which lends C a copy of a Java array. */
    private void setStrings(Transfer transfer) {
        if (!CString.isPossible(transfer.url())) {
            ReturnCode.checkEasy(LibCurl.CURLE_URL_MALFORMAT);
        }
        set(LibCurl.CURLOPT_URL, transfer.url());
        if (!isImplied(transfer.method(), transfer.body())) {
            requireToken(transfer.method());
            set(LibCurl.CURLOPT_CUSTOMREQUEST, transfer.method());
        }
        if (!headers.acceptEncoding().isEmpty()) {
            set(LibCurl.CURLOPT_ACCEPT_ENCODING, headers.acceptEncoding());
        }
    }

    /** An option that is not set leaves it to the environment. */
    private void setProxy(Proxy proxy) {
        if (proxy instanceof Proxy.None) {
            set(LibCurl.CURLOPT_PROXY, "");
        } else if (proxy instanceof Proxy.At at) {
            set(LibCurl.CURLOPT_PROXY, at.url());
            set(LibCurl.CURLOPT_NOPROXY, "");
        }
    }

    /** Whether the options for the body make libcurl send this method by itself. */
    private static boolean isImplied(String method, NativeBytes body) {
        return switch (method) {
            case "GET" -> body.isEmpty();
            case "HEAD", "POST" -> true;
            default -> false;
        };
    }

    /** A token of RFC 9110, 5.6.2: anything else would change the request line. */
    private static void requireToken(String method) {
        if (!RequestHeaders.isToken(method)) {
            throw new CurlException(LibCurl.CURLE_BAD_FUNCTION_ARGUMENT, "the request method is not a token");
        }
    }

    /** libcurl copies the string. */
    private void set(int option, String value) {
        ReturnCode.checkEasy(LibCurl.curl_easy_setopt(easy, option, CString.of(value)));
    }

    private void setHeaderList(List<String> lines, boolean withBody) {
        if (withBody == headersWithBody && lines.equals(headerLines)) {
            return;
        }
        RequestHeaders next = RequestHeaders.of(lines, withBody);
        HeaderList nextList = new HeaderList(next.lines());
        headerList.close();
        headerList = nextList;
        headers = next;
        headerLines = List.copyOf(lines);
        headersWithBody = withBody;
    }

    /** Frees what libcurl reads: the easy handle must be gone. */
    @Override
    public void close() {
        headerList.close();
        table.close();
    }
}
