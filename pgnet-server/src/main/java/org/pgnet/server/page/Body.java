package org.pgnet.server.page;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The body of a request or response for people: JSON with line breaks, other text as it is, bytes in hexadecimal.
 *
 * @param size in bytes
 * @param cut whether the text is only its beginning
 */
public record Body(String text, long size, boolean cut) {
    /** How much of a body the database is asked for. */
    static final int MOST = 64 * 1024;

    private static final int MOST_HEXADECIMAL = 4 * 1024;
    private static final JsonFactory JSON = new JsonFactory();

    /** Of bytes that may be text. */
    static Optional<Body> of(Optional<byte[]> bytes, long size) {
        return bytes.filter(some -> some.length > 0).map(some -> of(some, size));
    }

    static Body ofText(String text, long size) {
        return new Body(pretty(text).orElse(text), size, size > text.getBytes(StandardCharsets.UTF_8).length);
    }

    private static Body of(byte[] bytes, long size) {
        int end = size > bytes.length ? wholeCharacters(bytes) : bytes.length;
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, end))
                    .toString();
            return new Body(pretty(text).orElse(text), size, size > bytes.length);
        } catch (CharacterCodingException e) {
            int shown = Math.min(bytes.length, MOST_HEXADECIMAL);
            return new Body(HexFormat.ofDelimiter(" ").formatHex(bytes, 0, shown), size, size > shown);
        }
    }

    /** Where the last character that is not cut ends. */
    private static int wholeCharacters(byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && bytes.length - end < 4 && (bytes[end - 1] & 0xC0) == 0x80) {
            end--;
        }
        return end > 0 && (bytes[end - 1] & 0x80) != 0 ? end - 1 : end;
    }

    /** Numbers keep all their digits. */
    static Optional<String> pretty(String text) {
        if (!text.startsWith("{") && !text.startsWith("[")) {
            return Optional.empty();
        }
        StringWriter written = new StringWriter();
        try (JsonParser parser = JSON.createParser(text);
                JsonGenerator generator = JSON.createGenerator(written)) {
            generator.setPrettyPrinter(new DefaultPrettyPrinter());
            while (parser.nextToken() != null) {
                generator.copyCurrentEventExact(parser);
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.of(written.toString());
    }

    /** JSON is read from left to right, whatever is in it; other text as it begins. */
    public String direction() {
        return text.startsWith("{") || text.startsWith("[") ? "ltr" : "auto";
    }

    public String shownSize() {
        return Format.bytes(size);
    }
}
