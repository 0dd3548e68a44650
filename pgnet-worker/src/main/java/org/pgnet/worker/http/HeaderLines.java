package org.pgnet.worker.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.pgnet.curl.HttpToken;
import org.pgnet.worker.spi.FailureKind;

/** Makes header lines for libcurl out of the JSON object in the queue row. Any thread. */
public final class HeaderLines {
    /** The name of the header that a request always has. */
    public static final String USER_AGENT = "User-Agent";

    /** jsonb has no limits of its own on these, and a number of it may have 131,072 digits. */
    private static final StreamReadConstraints LIMITS = StreamReadConstraints.builder()
            .maxNumberLength(200_000)
            .maxNameLength(1_000_000)
            .build();

    private static final JsonFactory JSON = new JsonFactoryBuilder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(LIMITS)
            .build();

    private HeaderLines() {}

    /**
     * The header lines, in the order of the object's members.
     *
     * @param json an object as text in UTF-8, or nothing. A string is a value, an empty one suppresses the header that
     *     libcurl would add, an array is a line for each member, null is no header, and everything else its JSON text
     * @throws RequestException when it is not such an object, or a name or value cannot be in a header
     */
    public static List<String> lines(byte[] json) throws RequestException {
        List<String> lines = new ArrayList<>(4);
        if (json.length > "{}".length()) {
            try (JsonParser parser = JSON.createParser(json)) {
                require(parser.nextToken() == JsonToken.START_OBJECT);
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String name = parser.currentName();
                    checkName(name);
                    addMember(lines, name, parser);
                }
                require(parser.currentToken() == JsonToken.END_OBJECT);
            } catch (IOException malformed) {
                // Its own message may quote a header's value.
                throw new RequestException(FailureKind.IMPOSSIBLE, "request headers cannot be read as JSON");
            }
        }
        return lines;
    }

    /** Adds those of other lines whose names are in none of the lines, in any case. */
    public static void addMissing(List<String> lines, List<String> others) {
        int given = lines.size();
        if (given == 0) {
            lines.addAll(others);
            return;
        }
        for (String other : others) {
            if (!isNamed(lines.subList(0, given), other, other.indexOf(':'))) {
                lines.add(other);
            }
        }
    }

    /** As libcurl has it, a header without a value ends in a semicolon. */
    private static boolean isNamed(List<String> lines, String name, int nameLength) {
        for (String line : lines) {
            if (line.length() > nameLength
                    && ":;".indexOf(line.charAt(nameLength)) >= 0
                    && line.regionMatches(true, 0, name, 0, nameLength)) {
                return true;
            }
        }
        return false;
    }

    private static void require(boolean isObject) throws RequestException {
        if (!isObject) {
            throw new RequestException(FailureKind.IMPOSSIBLE, "request headers are not a JSON object");
        }
    }

    private static void addMember(List<String> lines, String name, JsonParser parser)
            throws IOException, RequestException {
        int before = lines.size();
        if (parser.nextToken() == JsonToken.START_ARRAY) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                addValue(lines, name, parser);
            }
        } else {
            addValue(lines, name, parser);
        }
        if (lines.size() == before && name.equalsIgnoreCase(USER_AGENT)) {
            // Who says that it has no value wants none, and not ours.
            lines.add(USER_AGENT + ':');
        }
    }

    private static void addValue(List<String> lines, String name, JsonParser parser)
            throws IOException, RequestException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_NULL) {
            return;
        }
        addLine(lines, name, token.isScalarValue() ? parser.getText() : structureText(parser));
    }

    private static String structureText(JsonParser parser) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = JSON.createGenerator(text)) {
            generator.copyCurrentStructure(parser);
        }
        return text.toString();
    }

    private static void addLine(List<String> lines, String name, String value) throws RequestException {
        if (hasLineBreak(value)) {
            throw new RequestException(
                    FailureKind.IMPOSSIBLE,
                    "value of request header \"" + name + "\" contains a line break or a null character");
        }
        lines.add(value.isEmpty() ? name + ':' : name + ": " + value);
    }

    private static void checkName(String name) throws RequestException {
        if (!HttpToken.isToken(name)) {
            throw new RequestException(FailureKind.IMPOSSIBLE, "name of a request header is not a token");
        }
    }

    private static boolean hasLineBreak(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\r' || c == '\n' || c == 0) {
                return true;
            }
        }
        return false;
    }
}
