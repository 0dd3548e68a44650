package org.pgnet.pljava;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The outcome of a request. */
public sealed interface Collected {

    /**
     * It is queued or in flight.
     *
     * @param reason what it waits for: {@code request is pending}, or its delay or its next attempt, and until when
     */
    record Pending(String reason) implements Collected {}

    /**
     * A response came, whatever its status.
     *
     * @param status the status code; 0 when the row has none
     * @param headersJson the headers as a JSON object, where a header that came more than once is an array
     * @param body the body as text; empty when it is empty, or not text in its charset
     */
    record Response(int status, Optional<String> headersJson, Optional<String> body) implements Collected {

        /**
         * The headers, a value for each line.
         *
         * @throws IllegalStateException when {@code headersJson} is not an object of strings and arrays of strings
         */
        public Map<String, List<String>> headers() {
            return headersJson.map(Json::headers).orElse(Map.of());
        }
    }

    /** A response with a 2xx status came meanwhile, and is not stored: {@code store} was {@code failures}. */
    record Succeeded() implements Collected {}

    /**
     * No response came or will come.
     *
     * @param reason why; {@code request matching request_id not found} also for a request of another role
     */
    record Failed(String reason) implements Collected {}
}
