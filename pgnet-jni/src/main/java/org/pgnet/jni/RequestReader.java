package org.pgnet.jni;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.spi.Delivery;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.Fetched;
import org.pgnet.worker.spi.HttpRequest;
import org.pgnet.worker.spi.NamedSecrets;
import org.pgnet.worker.spi.RequestKey;

/** Reads the requests that fetch.c packs. */
final class RequestReader {
    private static final byte[] NO_BYTES = {};
    private static final String UNREADABLE = "request could not be read: ";

    private final ByteBuffer packed;
    /** The same memory as longs. */
    private final LongBuffer packedLongs;
    /** Of the request that is read now. */
    private final long[] fields = new long[PackedRequest.BYTES / Long.BYTES];
    /** What is behind them. */
    private byte[] texts = NO_BYTES;
    /** Where the next text begins. */
    private int text;

    private RequestReader(ByteBuffer packed) {
        this.packed = packed.order(ByteOrder.nativeOrder());
        this.packedLongs = packed.asLongBuffer();
    }

    /** Copies the requests out of native memory; their bodies stay there, owned by the requests. */
    static Fetched read(ByteBuffer packed) {
        RequestReader reader = new RequestReader(packed);
        int count = packed.getInt(PackedRequest.COUNT);
        List<DueRequest> requests = new ArrayList<>(count);
        int start = PackedRequest.HEAD_BYTES;
        for (int i = 0; i < count; i++) {
            reader.readFields(start);
            requests.add(reader.request());
            start += reader.number(PackedRequest.RECORD_BYTES);
        }
        return new Fetched(requests, packed.getInt(PackedRequest.COMPLETE) != 0, packed.getLong(PackedRequest.LAST));
    }

    /** The first request, if there is one, as one that cannot be read for this reason. */
    static Optional<DueRequest> readFirst(ByteBuffer packed, String reason) {
        RequestReader reader = new RequestReader(packed);
        if (reader.packed.getInt(PackedRequest.COUNT) == 0) {
            return Optional.empty();
        }
        reader.readFields(PackedRequest.HEAD_BYTES);
        return Optional.of(DueRequest.refused(reader.key(), reader.owner(), reader.delivery("", ""), reason));
    }

    private void readFields(int start) {
        packedLongs.get(start / Long.BYTES, fields);
        texts = new byte[number(PackedRequest.RECORD_BYTES) - PackedRequest.BYTES];
        packed.get(start + PackedRequest.BYTES, texts);
        text = 0;
    }

    private DueRequest request() {
        String method = nextString(PackedRequest.METHOD_BYTES);
        String url = nextString(PackedRequest.URL_BYTES);
        byte[] headersJson = nextBytes(PackedRequest.HEADERS_BYTES);
        String refusal = nextString(PackedRequest.REFUSAL_BYTES);
        String policy = nextString(PackedRequest.POLICY_BYTES);
        NamedSecrets secrets = nextSecrets();
        Delivery delivery = delivery(policy, nextString(PackedRequest.WEBHOOK_BYTES));
        if (!refusal.isEmpty()) {
            return DueRequest.refused(key(), owner(), delivery, UNREADABLE + refusal);
        }
        long bodyLength = field(PackedRequest.BODY_LENGTH);
        NativeBytes body =
                bodyLength == 0 ? NativeBytes.empty() : new NativeBytes(field(PackedRequest.BODY_ADDRESS), bodyLength);
        HttpRequest http =
                new HttpRequest(method, url, headersJson, body, number(PackedRequest.TIMEOUT_MILLIS), secrets);
        return new DueRequest(key(), owner(), http, delivery, field(PackedRequest.CONTEXT_BYTES));
    }

    private RequestKey key() {
        return new RequestKey(field(PackedRequest.ID), field(PackedRequest.VERSION));
    }

    private long owner() {
        return field(PackedRequest.OWNER);
    }

    private NamedSecrets nextSecrets() {
        String inserted = nextString(PackedRequest.SECRETS_BYTES);
        String signWith = nextString(PackedRequest.SIGN_WITH_BYTES);
        return inserted.isEmpty() && signWith.isEmpty()
                ? NamedSecrets.NONE
                : new NamedSecrets(
                        inserted.isEmpty() ? List.of() : List.of(inserted.split(" ", -1)),
                        signWith.isEmpty() ? Optional.empty() : Optional.of(signWith));
    }

    private Delivery delivery(String policy, String webhook) {
        long expires = field(PackedRequest.EXPIRES_MICROS);
        return new Delivery(
                policy,
                Micros.moment(field(PackedRequest.CREATED_MICROS)),
                expires == Long.MAX_VALUE ? Optional.empty() : Optional.of(Micros.moment(expires)),
                Lane.of(number(PackedRequest.LANE)).priority(),
                OrderKeyName.of(field(PackedRequest.ORDER_KEY)),
                Micros.moment(field(PackedRequest.FIRST_DUE_MICROS)),
                number(PackedRequest.ATTEMPTS),
                number(PackedRequest.COUNTED),
                field(PackedRequest.HAS_DELIVERY) != 0,
                webhook);
    }

    private String nextString(int lengthField) {
        int length = number(lengthField);
        if (length == 0) {
            return "";
        }
        String next = new String(texts, text, length, StandardCharsets.UTF_8);
        text += length;
        return next;
    }

    private byte[] nextBytes(int lengthField) {
        int length = number(lengthField);
        if (length == 0) {
            return NO_BYTES;
        }
        byte[] next = Arrays.copyOfRange(texts, text, text + length);
        text += length;
        return next;
    }

    private long field(int field) {
        return fields[field / Long.BYTES];
    }

    private int number(int field) {
        return (int) field(field);
    }
}
