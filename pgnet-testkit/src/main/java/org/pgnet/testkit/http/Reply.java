package org.pgnet.testkit.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A response: the status, header lines ({@code Name: value}) besides Content-Length, and the body. */
public record Reply(int status, List<String> headerLines, byte[] body) {
    private static final List<String> JSON = List.of("Content-Type: application/json");
    private static final List<String> TEXT = List.of("Content-Type: text/plain; charset=utf-8");

    /** A status and a text. */
    public static Reply text(int status, String body) {
        return new Reply(status, TEXT, body.getBytes(StandardCharsets.UTF_8));
    }

    /** 200 and a JSON text. */
    public static Reply json(String body) {
        return new Reply(200, JSON, body.getBytes(StandardCharsets.UTF_8));
    }

    /** What goes over the wire, with the length of the body announced. */
    byte[] bytes(boolean withBody) {
        StringBuilder head = new StringBuilder(128);
        head.append("HTTP/1.1 ").append(status).append(" .\r\n");
        headerLines.forEach(line -> head.append(line).append("\r\n"));
        // 1xx and 204 may not announce a length.
        if (status >= 200 && status != 204) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(head.length() + body.length + 2);
        out.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        if (withBody && status != 204 && status != 304) {
            out.writeBytes(body);
        }
        return out.toByteArray();
    }
}
