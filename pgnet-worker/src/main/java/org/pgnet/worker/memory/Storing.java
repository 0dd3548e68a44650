package org.pgnet.worker.memory;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Optional;
import org.pgnet.worker.http.ContentType;
import org.pgnet.worker.http.ResponseReader;
import org.pgnet.worker.spi.Settlement;

/**
 * Makes a settlement the row of its response. A body is text when it is valid in its charset, which is UTF-8 unless the
 * response says otherwise. JSON is no exception here, as it is in content.c.
 *
 * @param method of the queue row
 * @param url of the queue row
 */
record Storing(String method, String url) implements Settlement.Cases<MemoryStore.Stored> {
    private static final byte[] NO_BYTES = {};

    @Override
    public MemoryStore.Stored answered(Settlement.Answered response) {
        ResponseReader reader = new ResponseReader();
        reader.read(response.headerBlock().toByteArray());
        byte[] body = response.body().toByteArray();
        String contentType = reader.contentType().orElse("");
        Optional<String> text = text(body, ContentType.charset(contentType));
        return new MemoryStore.Stored(
                response.status(),
                contentType,
                new String(reader.headersJson(), StandardCharsets.UTF_8),
                text.orElse(""),
                text.isPresent() ? NO_BYTES : body,
                false,
                "",
                attempts(response),
                response.completed(),
                response.duration(),
                method,
                url);
    }

    @Override
    public MemoryStore.Stored failed(Settlement.Failed failure) {
        return new MemoryStore.Stored(
                0,
                "",
                "",
                "",
                NO_BYTES,
                failure.timedOut(),
                failure.message(),
                attempts(failure),
                failure.completed(),
                failure.duration(),
                failure.bare() ? "" : method,
                failure.bare() ? "" : url);
    }

    @Override
    public MemoryStore.Stored postponed(Settlement.Postponed again) {
        throw new IllegalArgumentException(
                "it is sent again: request " + again.request().key().id());
    }

    @Override
    public MemoryStore.Stored dead(Settlement.Dead dead) {
        return dead.outcome().match(this);
    }

    private static int attempts(Settlement settlement) {
        return settlement.request().delivery().attempts() + settlement.attempts();
    }

    /** A text of PostgreSQL's holds no null character. */
    private static Optional<String> text(byte[] body, String charset) {
        try {
            String text =
                    charset(charset).newDecoder().decode(ByteBuffer.wrap(body)).toString();
            return Optional.of(text).filter(each -> each.indexOf(0) < 0);
        } catch (CharacterCodingException notText) {
            return Optional.empty();
        }
    }

    /** A name that is of no charset counts as none. */
    private static Charset charset(String name) {
        try {
            return name.isEmpty() || name.equals("us-ascii") ? StandardCharsets.UTF_8 : Charset.forName(name);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException unknown) {
            return StandardCharsets.UTF_8;
        }
    }
}
