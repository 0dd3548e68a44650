package org.pgnet.jni;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.hosts.RequestTerms;
import org.pgnet.worker.http.ContentType;
import org.pgnet.worker.http.ResponseReader;
import org.pgnet.worker.spi.Delivery;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.Settlement;

/**
 * Packs outcomes for record.c, as outcome.h lays them out.
 *
 * <p>A response whose headers cannot be read is written as a failure.
 */
final class OutcomeWriter implements Settlement.Cases<Void> {
    private static final int INITIAL_CAPACITY = 64 * 1024;
    /** Longer ones have memory of their own: servers decide how long they are, and what is packed stays allocated. */
    private static final int LONG_HEADERS = 8 * 1024;

    /** Where the next outcome may begin: at a multiple of its largest fields. */
    private static final int ALIGNMENT = Long.BYTES;

    private static final int NOT_DEAD = -1;
    private static final byte[] NO_BYTES = {};

    private final RequestTerms terms;
    private final ResponseReader reader = new ResponseReader();
    private final List<NativeBytes> longHeaders = new ArrayList<>();
    private ByteBuffer packed = allocate(INITIAL_CAPACITY);
    /** The same memory as longs. */
    private LongBuffer packedLongs = packed.asLongBuffer();
    /** Of the outcome that is written now. */
    private final long[] fields = new long[PackedOutcome.BYTES / Long.BYTES];

    /** The last header lines, which most responses of a server share for a second, and what was read from them. */
    private byte[] lastBlock = NO_BYTES;

    /** Whether these are packed already, as the last ones of this call. */
    private boolean isPacked;

    private byte[] headers = NO_BYTES;
    private Optional<String> contentType = Optional.empty();

    /** Where the outcome begins that is written now. */
    private int start;
    /** What is stored of its response unless its request says so. */
    private Optional<String> store = Optional.empty();

    /** @param terms what is stored of the responses to requests that do not say it */
    OutcomeWriter(RequestTerms terms) {
        this.terms = terms;
    }

    /** Returns the packed outcomes in memory that is valid until the next call, or {@link #release}. */
    ByteBuffer write(List<Settlement> outcomes) {
        release();
        packed.clear();
        isPacked = false;
        for (Settlement outcome : outcomes) {
            start = packed.position();
            outcome.match(this);
            ensureRoom(ALIGNMENT);
            packed.position((packed.position() + ALIGNMENT - 1) & -ALIGNMENT);
            put(PackedOutcome.RECORD_BYTES, packed.position() - start);
            packedLongs.put(start / Long.BYTES, fields);
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
        put(PackedOutcome.BARE, failure.bare() ? 1 : 0);
        return null;
    }

    @Override
    public Void postponed(Settlement.Postponed again) {
        writeOutcome(again, again.status(), again.timedOut());
        writeNoResponse(again.status() == 0, again.message());
        put(PackedOutcome.DUE_MICROS, Micros.of(again.due()));
        put(PackedOutcome.LEFT_ALONE_MICROS, Micros.of(again.leftAloneUntil().orElse(Instant.MIN)));
        put(PackedOutcome.COUNTED, again.counted());
        put(PackedOutcome.ATTEMPT, again.request().delivery().nextAttempt());
        return null;
    }

    @Override
    public Void dead(Settlement.Dead dead) {
        dead.outcome().match(this);
        put(PackedOutcome.DEAD, dead.reason().ordinal());
        return null;
    }

    private void writeResponse(Settlement.Answered response) {
        readHeaders(response.headerBlock());
        writeOutcome(response, response.status(), false);
        writeBytes(PackedOutcome.BODY_ADDRESS, PackedOutcome.BODY_LENGTH, response.body());
        writeBytes(PackedOutcome.COMPRESSED_ADDRESS, PackedOutcome.COMPRESSED_LENGTH, response.prepared());
        writeHeaders();
        writeText(PackedOutcome.ERROR_BYTES, false, NO_BYTES);
        writeStore();
    }

    /** What was read from them, unless the last response had the same. */
    private void writeHeaders() {
        boolean areAlike = isPacked;
        boolean areLong = !areAlike && headers.length > LONG_HEADERS;
        String type = contentType.orElse("");
        put(PackedOutcome.ALIKE, areAlike ? 1 : 0);
        writeBytes(
                PackedOutcome.LONG_HEADERS_ADDRESS,
                PackedOutcome.LONG_HEADERS_LENGTH,
                areLong ? nativeCopy(headers) : NativeBytes.empty());
        writeText(PackedOutcome.HEADERS_BYTES, !areAlike && !areLong, headers);
        writeText(
                PackedOutcome.CONTENT_TYPE_BYTES,
                !areAlike && contentType.isPresent(),
                areAlike ? NO_BYTES : utf8(type));
        writeText(PackedOutcome.CHARSET_BYTES, !areAlike, areAlike ? NO_BYTES : utf8(ContentType.charset(type)));
        isPacked = true;
    }

    private void readHeaders(NativeBytes headerBlock) {
        byte[] block = headerBlock.toByteArray();
        if (block.length > 0 && Arrays.equals(block, lastBlock)) {
            return;
        }
        lastBlock = NO_BYTES;
        isPacked = false;
        byte[] unaltered = block.length > LONG_HEADERS ? NO_BYTES : block.clone();
        reader.read(block);
        headers = reader.headersJson();
        contentType = reader.contentType();
        lastBlock = unaltered;
    }

    private void writeFailure(Settlement outcome, boolean timedOut, String message) {
        writeOutcome(outcome, 0, timedOut);
        writeNoResponse(true, message);
    }

    /** In the places of what only a response has. */
    private void writeNoResponse(boolean hasMessage, String message) {
        writeBytes(PackedOutcome.BODY_ADDRESS, PackedOutcome.BODY_LENGTH, NativeBytes.empty());
        writeBytes(PackedOutcome.COMPRESSED_ADDRESS, PackedOutcome.COMPRESSED_LENGTH, NativeBytes.empty());
        writeBytes(PackedOutcome.LONG_HEADERS_ADDRESS, PackedOutcome.LONG_HEADERS_LENGTH, NativeBytes.empty());
        writeText(PackedOutcome.HEADERS_BYTES, false, NO_BYTES);
        writeText(PackedOutcome.CONTENT_TYPE_BYTES, false, NO_BYTES);
        writeText(PackedOutcome.CHARSET_BYTES, false, NO_BYTES);
        writeText(PackedOutcome.ERROR_BYTES, hasMessage, utf8(message));
        writeStore();
    }

    private void writeStore() {
        writeText(
                PackedOutcome.STORE_BYTES,
                store.isPresent(),
                store.map(OutcomeWriter::utf8).orElse(NO_BYTES));
    }

    private NativeBytes nativeCopy(byte[] headers) {
        NativeBytes copy = NativeBytes.copyOf(headers);
        longHeaders.add(copy);
        return copy;
    }

    /** What every outcome has. The texts follow behind it. */
    private void writeOutcome(Settlement outcome, int status, boolean timedOut) {
        ensureRoom(PackedOutcome.BYTES);
        store = terms.of(outcome.request()).store();
        RequestKey key = outcome.request().key();
        put(PackedOutcome.ID, key.id());
        put(PackedOutcome.VERSION, key.version());
        put(PackedOutcome.COMPLETED_MICROS, Micros.of(outcome.completed()));
        put(
                PackedOutcome.DURATION_MICROS,
                TimeUnit.NANOSECONDS.toMicros(outcome.duration().toNanos()));
        put(PackedOutcome.NAME_LOOKUP_MICROS, outcome.stages().nameLookupMicros());
        put(PackedOutcome.CONNECT_MICROS, outcome.stages().connectMicros());
        put(PackedOutcome.TLS_MICROS, outcome.stages().tlsMicros());
        put(PackedOutcome.FIRST_BYTE_MICROS, outcome.stages().firstByteMicros());
        Delivery delivery = outcome.request().delivery();
        boolean isAnotherAttempt = delivery.attempts() > 0 && outcome.attempts() > 0;
        put(PackedOutcome.DUE_MICROS, Long.MAX_VALUE);
        put(PackedOutcome.FIRST_DUE_MICROS, Micros.of(delivery.firstDue()));
        put(PackedOutcome.LEFT_ALONE_MICROS, Long.MIN_VALUE);
        put(PackedOutcome.COUNTED, delivery.counted());
        put(PackedOutcome.ATTEMPT, isAnotherAttempt ? delivery.nextAttempt() : 0);
        put(PackedOutcome.ATTEMPTS, delivery.attempts() + outcome.attempts());
        put(PackedOutcome.STATUS, status);
        put(PackedOutcome.TIMED_OUT, timedOut ? 1 : 0);
        put(PackedOutcome.HAS_DELIVERY, delivery.isKept() ? 1 : 0);
        put(PackedOutcome.BARE, 0);
        put(PackedOutcome.ALIKE, 0);
        put(PackedOutcome.DEAD, NOT_DEAD);
        packed.position(start + PackedOutcome.BYTES);
    }

    private void writeBytes(int addressField, int lengthField, NativeBytes bytes) {
        put(addressField, bytes.isEmpty() ? 0 : bytes.address());
        put(lengthField, bytes.length());
    }

    /** A text without NULs: C reads it up to the first one. */
    private void writeText(int lengthField, boolean present, byte[] utf8) {
        put(lengthField, present ? utf8.length : -1);
        if (present) {
            ensureRoom(utf8.length + 1);
            packed.put(utf8);
            packed.put((byte) 0);
        }
    }

    private void put(int field, long value) {
        fields[field / Long.BYTES] = value;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void ensureRoom(int bytes) {
        if (packed.remaining() < bytes) {
            ByteBuffer larger = allocate(Math.max(packed.capacity() * 2, packed.position() + bytes));
            packedLongs = larger.asLongBuffer();
            packed = larger.put(packed.flip());
        }
    }

    private static ByteBuffer allocate(int capacity) {
        return ByteBuffer.allocateDirect(capacity).order(ByteOrder.nativeOrder());
    }
}
