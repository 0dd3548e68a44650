package org.pgnet.server.page;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The headers of a request or response, out of the JSON object that they are stored as. */
final class HeaderList {
    private static final JsonFactory JSON = new JsonFactory();

    private HeaderList() {}

    /** As far as it can be read: what is too long was cut. */
    static List<RequestPage.Header> parse(String json) {
        List<RequestPage.Header> headers = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(json)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token.isScalarValue() && parser.currentName() != null || inArray(parser, token)) {
                    headers.add(new RequestPage.Header(name(parser), parser.getText()));
                }
            }
        } catch (IOException e) {
            headers.add(new RequestPage.Header("…", "the headers are too long to show all"));
        }
        return headers;
    }

    private static boolean inArray(JsonParser parser, JsonToken token) {
        return token.isScalarValue() && parser.getParsingContext().inArray();
    }

    private static String name(JsonParser parser) {
        String own = parser.getParsingContext().getCurrentName();
        String outer = parser.getParsingContext().getParent() == null
                ? null
                : parser.getParsingContext().getParent().getCurrentName();
        return own != null ? own : outer == null ? "" : outer;
    }
}
