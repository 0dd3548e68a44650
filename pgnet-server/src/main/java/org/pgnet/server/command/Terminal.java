package org.pgnet.server.command;

/** Text for a terminal: nothing in it moves the cursor or colours what follows. */
final class Terminal {
    private Terminal() {}

    /** Without control characters, those that reorder text included. */
    static String safe(String text) {
        return text.replaceAll("[\\p{Cc}\\u202A-\\u202E\\u2066-\\u2069]", "\uFFFD");
    }

    /** In so many columns. */
    static String column(String text, int width) {
        String safe = safe(text);
        return safe.length() > width ? safe.substring(0, width - 1) + "…" : safe + " ".repeat(width - safe.length());
    }

    static String right(String text, int width) {
        String safe = safe(text);
        return " ".repeat(Math.max(0, width - safe.length())) + safe;
    }
}
