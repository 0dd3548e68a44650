package org.pgnet.worker.http;

import java.util.Locale;

/** The header Content-Type, as in RFC 9110, section 8.3. Any thread. */
public final class ContentType {
    private static final String PARAMETER = "charset=";

    private ContentType() {}

    /** The charset that a Content-Type names, in lower case and without quotes; empty when it names none. */
    public static String charset(String contentType) {
        int semicolon = contentType.indexOf(';');
        while (semicolon >= 0) {
            int next = contentType.indexOf(';', semicolon + 1);
            String parameter = contentType
                    .substring(semicolon + 1, next < 0 ? contentType.length() : next)
                    .strip()
                    .toLowerCase(Locale.ROOT);
            if (parameter.startsWith(PARAMETER)) {
                return parameter.substring(PARAMETER.length()).replace("\"", "").strip();
            }
            semicolon = next;
        }
        return "";
    }
}
