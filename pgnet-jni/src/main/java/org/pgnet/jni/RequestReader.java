package org.pgnet.jni;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
    /** The next text, behind the request it belongs to. */
    private int text;

    private RequestReader(ByteBuffer packed) {
        this.packed = packed.order(ByteOrder.nativeOrder());
    }

    /** Copies the requests out of native memory; their bodies stay there, owned by the requests. */
    static Fetched read(ByteBuffer packed) {
        RequestReader reader = new RequestReader(packed);
        int count = reader.packed.getInt(PackedRequest.COUNT);
        List<DueRequest> requests = new ArrayList<>(count);
        int start = PackedRequest.HEAD_BYTES;
        for (int i = 0; i < count; i++) {
            requests.add(reader.readRequest(start));
            start += reader.packed.getInt(start + PackedRequest.RECORD_BYTES);
        }
        return new Fetched(
                requests, reader.packed.getInt(PackedRequest.COMPLETE) != 0, reader.packed.getLong(PackedRequest.LAST));
    }

    /** The first request, if there is one, as one that cannot be read for this reason. */
    static Optional<DueRequest> readFirst(ByteBuffer packed, String reason) {
        RequestReader reader = new RequestReader(packed);
        int start = PackedRequest.HEAD_BYTES;
        return reader.packed.getInt(PackedRequest.COUNT) == 0
                ? Optional.empty()
                : Optional.of(DueRequest.refused(
                        reader.readKey(start), reader.readOwner(start), reader.readDelivery(start, "", ""), reason));
    }

    private long readOwner(int start) {
        return Integer.toUnsignedLong(packed.getInt(start + PackedRequest.OWNER));
    }

    private RequestKey readKey(int start) {
        return new RequestKey(packed.getLong(start + PackedRequest.ID), packed.getLong(start + PackedRequest.VERSION));
    }

    private DueRequest readRequest(int start) {
        RequestKey key = readKey(start);
        long owner = readOwner(start);
        text = start + PackedRequest.BYTES;
        String method = readString(start + PackedRequest.METHOD_BYTES);
        String url = readString(start + PackedRequest.URL_BYTES);
        byte[] headersJson = readBytes(start + PackedRequest.HEADERS_BYTES);
        String refusal = readString(start + PackedRequest.REFUSAL_BYTES);
        String policy = readString(start + PackedRequest.POLICY_BYTES);
        NamedSecrets secrets = readSecrets(start);
        Delivery delivery = readDelivery(start, policy, readString(start + PackedRequest.WEBHOOK_BYTES));
        if (!refusal.isEmpty()) {
            return DueRequest.refused(key, owner, delivery, UNREADABLE + refusal);
        }
        long bodyLength = packed.getLong(start + PackedRequest.BODY_LENGTH);
        NativeBytes body = bodyLength == 0
                ? NativeBytes.empty()
                : new NativeBytes(packed.getLong(start + PackedRequest.BODY_ADDRESS), bodyLength);
        int timeoutMillis = packed.getInt(start + PackedRequest.TIMEOUT_MILLIS);
        HttpRequest http = new HttpRequest(method, url, headersJson, body, timeoutMillis, secrets);
        return new DueRequest(key, owner, http, delivery, packed.getLong(start + PackedRequest.CONTEXT_BYTES));
    }

    private NamedSecrets readSecrets(int start) {
        String inserted = readString(start + PackedRequest.SECRETS_BYTES);
        String signWith = readString(start + PackedRequest.SIGN_WITH_BYTES);
        return inserted.isEmpty() && signWith.isEmpty()
                ? NamedSecrets.NONE
                : new NamedSecrets(
                        inserted.isEmpty() ? List.of() : List.of(inserted.split(" ", -1)),
                        signWith.isEmpty() ? Optional.empty() : Optional.of(signWith));
    }

    private Delivery readDelivery(int start, String policy, String webhook) {
        boolean isKept = packed.getInt(start + PackedRequest.HAS_DELIVERY) != 0;
        long expires = packed.getLong(start + PackedRequest.EXPIRES_MICROS);
        Lane lane = Lane.of(packed.getInt(start + PackedRequest.LANE));
        long orderKey = packed.getLong(start + PackedRequest.ORDER_KEY);
        return new Delivery(
                policy,
                Micros.moment(packed.getLong(start + PackedRequest.CREATED_MICROS)),
                expires == Long.MAX_VALUE ? Optional.empty() : Optional.of(Micros.moment(expires)),
                lane.priority(),
                OrderKeyName.of(orderKey),
                Micros.moment(packed.getLong(start + PackedRequest.FIRST_DUE_MICROS)),
                packed.getInt(start + PackedRequest.ATTEMPTS),
                packed.getInt(start + PackedRequest.COUNTED),
                isKept,
                webhook);
    }

    private String readString(int lengthAt) {
        return packed.getInt(lengthAt) == 0 ? "" : new String(readBytes(lengthAt), StandardCharsets.UTF_8);
    }

    private byte[] readBytes(int lengthAt) {
        int length = packed.getInt(lengthAt);
        if (length == 0) {
            return NO_BYTES;
        }
        byte[] bytes = new byte[length];
        packed.get(text, bytes);
        text += length;
        return bytes;
    }
}
