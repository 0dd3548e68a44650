package org.pgnet.jni;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.Fetched;
import org.pgnet.worker.spi.HttpRequest;
import org.pgnet.worker.spi.RequestKey;

/** Reads the rows that fetch.c packs. */
final class RequestReader {
    private static final byte[] NO_BYTES = {};

    private final ByteBuffer rows;

    private RequestReader(ByteBuffer rows) {
        this.rows = rows.order(ByteOrder.nativeOrder());
    }

    /** Copies the rows out of native memory; their bodies stay there, owned by the requests. */
    static Fetched read(ByteBuffer packed) {
        RequestReader reader = new RequestReader(packed);
        boolean complete = reader.rows.getInt() != 0;
        List<DueRequest> requests = new ArrayList<>();
        while (reader.rows.hasRemaining()) {
            requests.add(reader.readRow());
        }
        return new Fetched(requests, complete);
    }

    private DueRequest readRow() {
        RequestKey key = new RequestKey(rows.getLong(), rows.getLong());
        int timeoutMillis = rows.getInt();
        String method = readString();
        String url = readString();
        byte[] headersJson = readBytes();
        long bodyAddress = rows.getLong();
        long bodyLength = rows.getLong();
        NativeBytes body = bodyLength == 0 ? NativeBytes.empty() : new NativeBytes(bodyAddress, bodyLength);
        return new DueRequest(key, new HttpRequest(method, url, headersJson, body, timeoutMillis));
    }

    private String readString() {
        return new String(readBytes(), StandardCharsets.UTF_8);
    }

    private byte[] readBytes() {
        int length = rows.getInt();
        if (length == 0) {
            return NO_BYTES;
        }
        byte[] bytes = new byte[length];
        rows.get(bytes);
        return bytes;
    }
}
