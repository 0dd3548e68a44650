package org.pgnet.worker.contract;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A row of the responses. What is null there is empty here.
 *
 * @param headers the values of each header, in order; none without headers
 * @param content the body, when it is text
 * @param bodyHex the body in hexadecimal digits, when it is not
 */
public record StoredResponse(
        Optional<Integer> status,
        Optional<String> contentType,
        Map<String, List<String>> headers,
        Optional<String> content,
        Optional<String> bodyHex,
        boolean timedOut,
        Optional<String> error,
        int attempts,
        Instant created,
        Duration duration,
        String method,
        String url) {

    /** Bytes as {@link #bodyHex} has them. */
    public static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** Headers as {@link #headers} has them, of a JSON object whose members are strings and arrays of strings. */
    public static Map<String, List<String>> headers(String json) {
        Map<String, List<String>> headers = new TreeMap<>();
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            while (parser.nextToken() != null) {
                if (parser.currentToken() == JsonToken.VALUE_STRING) {
                    String name = parser.getParsingContext().inArray()
                            ? parser.getParsingContext().getParent().getCurrentName()
                            : parser.currentName();
                    headers.computeIfAbsent(name, each -> new ArrayList<>()).add(parser.getText());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return headers;
    }
}
