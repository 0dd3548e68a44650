package org.pgnet.curl;

/** Names of headers, and methods. */
public final class HttpToken {
    private static final String DELIMITERS = "\"(),/:;<=>?@[\\]{}";

    private HttpToken() {}

    /**
     * Whether the text is a token of RFC 9110, 5.6.2. Anything else would change the line that it is in, or is read in
     * different ways by servers.
     */
    public static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c >= 127 || DELIMITERS.indexOf(c) >= 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }
}
