package org.pgnet.curl;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Owner of one libcurl easy handle, its sink and whatever libcurl holds on to while a transfer runs. Serves many transfers
 * of one pool, one after the other, and every one starts from the state of a new handle. One thread at a time.
 */
final class EasyHandle implements AutoCloseable {

    /** One block: the error text, then what curl_easy_getinfo(3) writes, one figure or, in the end, two. */
    private static final int INFO_OFFSET = LibCurl.CURL_ERROR_SIZE;

    /** The lowest status code of a response that its request may be sent again for. */
    private static final int FIRST_FAILURE = 400;

    private static final int TOTAL_TIME_OFFSET = INFO_OFFSET + Long.BYTES;

    /** Of URL and headers, together. */
    private static final int MAX_KEPT_BYTES = 16 * 1024;

    private final Memory memory = new Memory(INFO_OFFSET + 2 * Long.BYTES);
    private final ByteBuffer buffer = memory.getByteBuffer(0, memory.size());
    private final long infoAddress = Pointer.nativeValue(memory) + INFO_OFFSET;
    private final ConnectionPool pool;
    private final ConnectionGuard guard;
    private final Sink sink;
    private final RequestOptions options;
    private final long address;
    private boolean small;
    private Transfer transfer;
    private Optional<MemoryBudget.Lease> lease = Optional.empty();
    private long startNanos;
    private long pausedAtNanos;
    private long waitedNanos;
    private long gaveUpAfterNanos;
    private boolean resent;
    private boolean closed;

    /**
     * @param shared as {@link Sink#Sink}
     * @param sockets those of the loop
     * @param pool whose connections it uses, for all its life
     * @throws CurlException when there is no memory
     */
    EasyHandle(SharedSinkState shared, OpenSockets sockets, ConnectionPool pool) {
        this.pool = pool;
        guard = new ConnectionGuard(sockets, pool);
        sink = new Sink(shared, guard);
        address = ReturnCode.checkAllocated(LibCurl.curl_easy_init());
        options = new RequestOptions(
                address, sink.address(), guard.address(), sockets.address(), pool, Pointer.nativeValue(memory));
    }

    ConnectionPool pool() {
        return pool;
    }

    /** The transfer that was prepared and has not ended. */
    Transfer transfer() {
        return transfer;
    }

    long address() {
        return address;
    }

    /**
     * Makes the handle ready to be added to a multi handle.
     *
     * @param keep whether the connection may serve another transfer afterwards
     * @param forgetNames whether the addresses of all hosts are to be forgotten with it
     * @throws CurlException when the transfer is impossible; the handle is only good for {@link #close} then
     */
    void prepare(
            Transfer next, String caBundle, Proxy proxy, boolean keep, boolean forgetNames, DeniedNetworks denied) {
        transfer = next;
        beginSending(next);
        guard.reset(address, denied, next.body().length(), isIdempotent(next.method()));
        options.set(next, caBundle, proxy, keep, forgetNames);
        beginDecoding();
        waitedNanos = 0;
        gaveUpAfterNanos = 0;
        startNanos = System.nanoTime();
    }

    /** Whether a transfer that ended so was only kept from a connection, and is to begin again with {@link #resend}. */
    boolean isToBeResent(int curlCode) {
        return curlCode == LibCurl.CURLE_ABORTED_BY_CALLBACK && !resent && guard.wasKeptFromAConnection();
    }

    /**
     * Takes the handle out of the multi handle and makes the same transfer ready to begin again, on a new connection and with
     * the time that it has left.
     *
     * @throws CurlException as {@link #prepare}
     */
    void resend(MultiHandle multi) {
        multi.remove(address, infoAddress);
        beginSending(transfer);
        resent = true;
        guard.resend(address);
        options.setAgainToConnect(
                transfer, (int) Math.min(TimeUnit.NANOSECONDS.toMillis(nanosLeft()), Integer.MAX_VALUE));
        beginDecoding();
    }

    private void beginDecoding() {
        if (options.decodes()) {
            sink.decode();
        }
    }

    private void beginSending(Transfer next) {
        buffer.put(0, (byte) 0);
        sink.reset(next.maxBodyBytes());
        resent = false;
    }

    /** Whether a request of this method has the same effect when it is sent twice (RFC 9110, 9.2.2). */
    private static boolean isIdempotent(String method) {
        return switch (method) {
            case "GET", "HEAD", "OPTIONS" -> true; // the safe ones
            case "PUT", "DELETE" -> true;
            default -> false;
        };
    }

    /** As {@link ConnectionGuard#lookedForHost()}; of the transfer that ended. */
    boolean lookedForHost() {
        return guard.lookedForHost();
    }

    /** As {@link Sink#pauseNumber()}. */
    long pauseNumber() {
        return sink.pauseNumber();
    }

    /** Whether its body has been paused in this transfer. */
    boolean hasPaused() {
        return lease.isPresent();
    }

    /** Whether its body has memory of the budget already. */
    boolean hasMemory() {
        return lease.isPresent() && lease.get().bytes() > 0;
    }

    /** The transfer was found paused: its time limit does not run from here on. */
    void paused(MemoryBudget budget) {
        if (lease.isEmpty()) {
            lease = Optional.of(budget.lease(new MemoryBudget.Holder(transfer.owner(), origin())));
        }
        pausedAtNanos = System.nanoTime();
        options.suspendTimeout();
    }

    private String origin() {
        try {
            return CurlUrl.origin(transfer.url());
        } catch (CurlException unparsable) {
            return "";
        }
    }

    /** Asks for what the paused transfer needs to go on. */
    MemoryBudget.Answer askForMemory() {
        return lease.orElseThrow().growTo(sink.leaseWanted(), sink.leaseTotal());
    }

    /**
     * Lets the paused transfer, which was granted memory, go on with the time that it had left.
     *
     * @return the CURLcode; other than 0 when the transfer failed over what had arrived before
     */
    int resume() {
        sink.leaseGranted(lease.orElseThrow().bytes());
        waitedNanos += System.nanoTime() - pausedAtNanos;
        if (transfer.timeoutMillis() > 0) {
            options.resumeTimeout(transfer.timeoutMillis() + TimeUnit.NANOSECONDS.toMillis(waitedNanos));
        }
        return LibCurl.curl_easy_pause(address, LibCurl.CURLPAUSE_CONT);
    }

    /** The paused transfer has waited so long that it is to be finished. */
    void giveUp(long nanos) {
        waitedNanos += System.nanoTime() - pausedAtNanos;
        gaveUpAfterNanos = nanos;
    }

    /** The nanoseconds until the time limit is over, {@link Long#MAX_VALUE} without one. */
    long nanosLeft() {
        return transfer.timeoutMillis() == 0
                ? Long.MAX_VALUE
                : TimeUnit.MILLISECONDS.toNanos(transfer.timeoutMillis())
                        + waitedNanos
                        - (System.nanoTime() - startNanos);
    }

    /** Takes the handle out of the multi handle, in the midst of its transfer; it is only good for {@link #close} then. */
    void abandon(MultiHandle multi) {
        multi.remove(address, infoAddress);
    }

    /** The result of the transfer that ended. Afterwards the handle can be prepared again. */
    TransferResult finish(MultiHandle multi, int curlCode) {
        Transfer ended = transfer;
        multi.remove(address, infoAddress);
        int status = (int) buffer.getLong(INFO_OFFSET);
        // Each other figure is a call into libcurl, and of most successes nobody asks for the stages.
        Timings timings = new Timings(0, 0, 0, 0, buffer.getLong(TOTAL_TIME_OFFSET));
        if (curlCode != LibCurl.CURLE_OK || status >= FIRST_FAILURE || ended.staged()) {
            timings = timings();
        }
        // An idle handle must not keep what the caller attached.
        transfer = null;
        sink.end(curlCode == LibCurl.CURLE_OK);
        Ending ending = ending(curlCode, ended, status);
        small = isSmall(ended);
        boolean hadSecrets = !ended.secretParts().isEmpty();
        if (curlCode != LibCurl.CURLE_OK || guard.sendings() > 1 || resent || waitedNanos > 0 || hadSecrets) {
            options.forget();
        }
        if (hadSecrets) {
            options.overwriteSecrets();
        }
        NativeBytes body = sink.takeBody(lease.filter(each -> each.bytes() > 0));
        lease = Optional.empty();
        return new TransferResult(
                ended,
                ending,
                status,
                timings,
                waitedNanos,
                guard.sendings(),
                guard.isConnected(),
                sink.takeHeaders(),
                body);
    }

    /**
     * Whether the handle is worth keeping: it holds on to the texts of its last transfer, and there may be thousands of idle
     * ones.
     */
    boolean isSmall() {
        return small;
    }

    private boolean isSmall(Transfer ended) {
        long bytes = ended.url().length() + sink.headerBytes();
        for (String line : ended.headerLines()) {
            bytes += line.length();
        }
        return bytes <= MAX_KEPT_BYTES;
    }

    private Ending ending(int ofLibcurl, Transfer ended, int status) {
        int curlCode = ended.certificates().codeOf(ofLibcurl);
        if (sink.failure() != LibPgnet.PGNET_SINK_OK) {
            return Ending.ofSink(sink.failure(), ended.maxBodyBytes(), status);
        }
        if (curlCode == LibCurl.CURLE_OK) {
            // libcurl is content with a connection that closes after a whole header line.
            return sink.isInHeaders()
                    ? Ending.of(LibCurl.CURLE_PARTIAL_FILE, true, "connection closed before the headers were complete")
                    : Ending.SUCCESS;
        }
        if (gaveUpAfterNanos > 0) {
            return Ending.ofWait(gaveUpAfterNanos);
        }
        if (guard.wasAnswered()) {
            return Ending.of(
                    LibCurl.CURLE_GOT_NOTHING,
                    true,
                    guard.sendings() > 1
                            ? "not answered on two connections"
                            : "connection closed within the first line of the response");
        }
        String detail = CString.read(memory);
        return guard.refusal()
                .map(refusal -> Ending.ofGuard(curlCode, refusal, detail))
                .orElseGet(() -> Ending.of(curlCode, guard.isConnected(), detail)
                        .about(ended.certificates().namedIn(curlCode)));
    }

    private Timings timings() {
        return new Timings(
                info(LibCurl.CURLINFO_NAMELOOKUP_TIME_T),
                info(LibCurl.CURLINFO_CONNECT_TIME_T),
                info(LibCurl.CURLINFO_APPCONNECT_TIME_T),
                info(LibCurl.CURLINFO_STARTTRANSFER_TIME_T),
                info(LibCurl.CURLINFO_TOTAL_TIME_T));
    }

    private long info(int info) {
        ReturnCode.checkEasy(LibCurl.curl_easy_getinfo(address, info, infoAddress));
        return buffer.getLong(INFO_OFFSET);
    }

    /** Must be out of the multi handle. A second call does nothing. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            LibCurl.curl_easy_cleanup(address);
            options.close();
            sink.close();
            guard.close();
            memory.close();
            lease.ifPresent(MemoryBudget.Lease::close);
        }
    }
}
