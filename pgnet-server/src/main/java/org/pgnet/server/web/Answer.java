package org.pgnet.server.web;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What is sent back: a status, headers, and either bytes or a stream that ends when its writer returns. */
public record Answer(int status, Map<String, String> headers, byte[] body, Stream stream) {
    private static final Stream NONE = output -> {};

    /** Writes for as long as it likes; an IOException says that nobody reads any more. */
    @FunctionalInterface
    public interface Stream {
        void write(OutputStream output) throws IOException;
    }

    public static Answer html(int status, String html) {
        return of(status, "text/html; charset=utf-8", html.getBytes(StandardCharsets.UTF_8));
    }

    public static Answer text(int status, String text) {
        return of(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    public static Answer of(int status, String contentType, byte[] body) {
        return new Answer(status, Map.of("Content-Type", contentType), body, NONE);
    }

    public static Answer events(Stream stream) {
        return new Answer(200, Map.of("Content-Type", "text/event-stream; charset=utf-8"), new byte[0], stream);
    }

    /** To a path of this site: anything else is the front page. */
    public static Answer seeOther(String path) {
        return text(303, "").with("Location", LocalPath.orFront(path));
    }

    public Answer with(String header, String value) {
        Map<String, String> changed = new LinkedHashMap<>(headers);
        changed.put(header, value);
        return new Answer(status, changed, body, stream);
    }

    public boolean isStream() {
        return stream != NONE;
    }
}
