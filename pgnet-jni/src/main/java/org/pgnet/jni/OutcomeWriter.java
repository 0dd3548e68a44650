package org.pgnet.jni;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.http.ResponseReader;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.Settlement;

/**
 * Packs outcomes for record.c, in the machine's byte order: id int64, version int64 (table OID and xmin), completed int64 and
 * duration int64 in microseconds, status int32 (0 for a failure), timed out int32, address int64 and length int64
 * of the body, of the compressed body and of headers that are long, then headers that are not, content type, charset and
 * error, each an int32 length (-1 for none), UTF-8 bytes and a NUL. Headers are JSON.
 *
 * <p>A response whose headers cannot be read is written as a failure.
 */
final class OutcomeWriter implements Settlement.Cases<Void> {
    private static final int INITIAL_CAPACITY = 64 * 1024;
    private static final int FIXED_BYTES = 40;
    /** Longer ones have memory of their own: servers decide how long they are, and what is packed stays allocated. */
    private static final int LONG_HEADERS = 8 * 1024;

    private static final byte[] NO_BYTES = {};

    private final ResponseReader reader = new ResponseReader();
    private final List<NativeBytes> longHeaders = new ArrayList<>();
    private ByteBuffer packed = allocate(INITIAL_CAPACITY);

    /** The last header lines, which most responses of a server share for a second, and what was read from them. */
    private byte[] lastBlock = NO_BYTES;

    private byte[] headers = NO_BYTES;
    private Optional<String> contentType = Optional.empty();

    /** Returns the packed outcomes in memory that is valid until the next call, or {@link #release}. */
    ByteBuffer write(List<Settlement> outcomes) {
        release();
        packed.clear();
        for (Settlement outcome : outcomes) {
            outcome.match(this);
        }
        return packed;
    }

    /** Frees what the last call of {@link #write} took for long headers. */
    void release() {
        longHeaders.forEach(NativeBytes::close);
        longHeaders.clear();
    }

    @Override
    public Void answered(Settlement.Answered response) {
        int start = packed.position();
        try {
            writeResponse(response);
        } catch (RuntimeException unexpected) {
            packed.position(start);
            writeFailure(response, false, "response could not be read: " + unexpected);
        }
        return null;
    }

    @Override
    public Void failed(Settlement.Failed failure) {
        writeFailure(failure, failure.timedOut(), failure.message());
        return null;
    }

    private void writeResponse(Settlement.Answered response) {
        readHeaders(response.headerBlock());
        boolean areLong = headers.length > LONG_HEADERS;
        writeFixed(response, response.status(), false);
        writeAddress(response.body());
        writeAddress(response.prepared());
        writeAddress(areLong ? nativeCopy(headers) : NativeBytes.empty());
        writeText(!areLong, headers);
        writeText(contentType.isPresent(), contentType.orElse("").getBytes(StandardCharsets.UTF_8));
        writeText(true, ContentType.charset(contentType.orElse("")).getBytes(StandardCharsets.UTF_8));
        writeText(false, NO_BYTES);
    }

    private void readHeaders(NativeBytes headerBlock) {
        byte[] block = headerBlock.toByteArray();
        if (block.length > 0 && Arrays.equals(block, lastBlock)) {
            return;
        }
        lastBlock = NO_BYTES;
        byte[] unaltered = block.length > LONG_HEADERS ? NO_BYTES : block.clone();
        reader.read(block);
        headers = reader.headersJson();
        contentType = reader.contentType();
        lastBlock = unaltered;
    }

    private void writeFailure(Settlement outcome, boolean timedOut, String message) {
        writeFixed(outcome, 0, timedOut);
        writeAddress(NativeBytes.empty());
        writeAddress(NativeBytes.empty());
        writeAddress(NativeBytes.empty());
        writeText(false, NO_BYTES);
        writeText(false, NO_BYTES);
        writeText(false, NO_BYTES);
        writeText(true, message.getBytes(StandardCharsets.UTF_8));
    }

    private NativeBytes nativeCopy(byte[] headers) {
        NativeBytes copy = NativeBytes.copyOf(headers);
        longHeaders.add(copy);
        return copy;
    }

    private void writeFixed(Settlement outcome, int status, boolean timedOut) {
        ensureRoom(FIXED_BYTES);
        RequestKey key = outcome.request().key();
        packed.putLong(key.id());
        packed.putLong(key.version());
        packed.putLong(toMicros(outcome.completed()));
        packed.putLong(TimeUnit.NANOSECONDS.toMicros(outcome.duration().toNanos()));
        packed.putInt(status);
        packed.putInt(timedOut ? 1 : 0);
    }

    private void writeAddress(NativeBytes bytes) {
        ensureRoom(2 * Long.BYTES);
        packed.putLong(bytes.isEmpty() ? 0 : bytes.address());
        packed.putLong(bytes.length());
    }

    /** A text without NULs: C reads it up to the first one. */
    private void writeText(boolean present, byte[] utf8) {
        ensureRoom(Integer.BYTES + utf8.length + 1);
        if (!present) {
            packed.putInt(-1);
            return;
        }
        packed.putInt(utf8.length);
        packed.put(utf8);
        packed.put((byte) 0);
    }

    private void ensureRoom(int bytes) {
        if (packed.remaining() < bytes) {
            packed = allocate(Math.max(packed.capacity() * 2, packed.position() + bytes))
                    .put(packed.flip());
        }
    }

    private static ByteBuffer allocate(int capacity) {
        return ByteBuffer.allocateDirect(capacity).order(ByteOrder.nativeOrder());
    }

    private static long toMicros(Instant instant) {
        return TimeUnit.SECONDS.toMicros(instant.getEpochSecond()) + TimeUnit.NANOSECONDS.toMicros(instant.getNano());
    }
}
