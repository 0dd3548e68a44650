package org.pgnet.server.page;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.pgnet.server.database.Row;
import org.pgnet.server.database.Sql;

/** A request as a line to copy: for a shell, or for SQL. */
final class RequestAsText {
    private static final int LONGEST_BODY = 16 * 1024;

    private RequestAsText() {}

    static String curl(String method, String url, List<RequestPage.Header> headers, Optional<Row> sent) {
        StringBuilder line = new StringBuilder("curl -i -X " + quoted(method) + " " + quoted(url));
        headers.forEach(header -> line.append(" \\\n  -H ").append(quoted(header.name() + ": " + header.value())));
        body(sent).ifPresent(text -> line.append(" \\\n  --data-raw ").append(quoted(text)));
        return line.toString();
    }

    static String sql(String method, String url, Optional<Row> sent) {
        StringBuilder call = new StringBuilder("SELECT net.request(" + literal(url) + ", method => " + literal(method));
        sent.flatMap(row -> row.text("headers"))
                .ifPresent(text -> call.append(",\n  headers => ").append(literal(text)));
        body(sent).ifPresent(text -> call.append(",\n  body_text => ").append(literal(text)));
        sent.flatMap(row -> row.text("policy"))
                .ifPresent(text -> call.append(",\n  policy => ").append(literal(text)));
        return call.append(");").toString();
    }

    private static Optional<String> body(Optional<Row> sent) {
        return sent.flatMap(row -> row.bytes("body"))
                .filter(bytes -> bytes.length > 0 && bytes.length <= LONGEST_BODY)
                .flatMap(RequestAsText::text);
    }

    private static Optional<String> text(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString())
                    .filter(text -> text.indexOf('\0') < 0);
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static String quoted(String text) {
        return text.matches("[A-Za-z0-9_./:=,@%+-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    private static String literal(String text) {
        return Sql.literal(text.replace("\0", ""));
    }
}
