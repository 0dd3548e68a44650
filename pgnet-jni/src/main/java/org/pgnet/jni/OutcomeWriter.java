package org.pgnet.jni;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.Outcome;
import org.pgnet.worker.RowVersion;

/**
 * Packs outcomes for record.c, in the machine's byte order: id int64, table OID int32, xmin int32, completed int64 and
 * duration int64 in microseconds, status int32 (0 for a failure), timed out int32, address int64 and length int64
 * of the headers as JSON, of the body and of the compressed body, then content type, charset and error, each an int32 length
 * (-1 for none), UTF-8 bytes and a NUL.
 */
final class OutcomeWriter {
    private static final int INITIAL_CAPACITY = 64 * 1024;
    private static final int FIXED_BYTES = 40;
    private static final byte[] NO_BYTES = {};

    private ByteBuffer packed = allocate(INITIAL_CAPACITY);

    /** Returns the packed outcomes in direct memory that the next call reuses. */
    ByteBuffer write(List<Outcome> outcomes) {
        packed.clear();
        for (Outcome outcome : outcomes) {
            write(outcome);
        }
        return packed;
    }

    private void write(Outcome outcome) {
        if (outcome instanceof Outcome.Response response) {
            writeFixed(outcome, response.status(), false);
            writeAddress(response.headersJson());
            writeAddress(response.body());
            writeAddress(response.compressed());
            String contentType = response.contentType().orElse("");
            writeText(response.contentType().isPresent(), contentType.getBytes(StandardCharsets.UTF_8));
            writeText(true, ContentType.charset(contentType).getBytes(StandardCharsets.UTF_8));
            writeText(false, NO_BYTES);
        } else if (outcome instanceof Outcome.Failure failure) {
            writeFixed(outcome, 0, failure.timedOut());
            writeAddress(NativeBytes.empty());
            writeAddress(NativeBytes.empty());
            writeAddress(NativeBytes.empty());
            writeText(false, NO_BYTES);
            writeText(false, NO_BYTES);
            writeText(true, failure.message().getBytes(StandardCharsets.UTF_8));
        }
    }

    private void writeFixed(Outcome outcome, int status, boolean timedOut) {
        ensureRoom(FIXED_BYTES);
        RowVersion row = outcome.request().row();
        packed.putLong(row.id());
        packed.putInt(row.tableOid());
        packed.putInt(row.xmin());
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
