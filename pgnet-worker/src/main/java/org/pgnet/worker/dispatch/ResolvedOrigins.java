package org.pgnet.worker.dispatch;

import java.util.LinkedHashMap;
import java.util.Map;

/** The origins last known to lead to an address, a bounded number of them. One thread. */
final class ResolvedOrigins {
    private static final int MAX_REMEMBERED = 1_000;
    private static final String SCHEME_END = "://";

    private final Map<String, Boolean> last = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MAX_REMEMBERED;
        }
    };

    void add(String origin) {
        last.put(origin, true);
    }

    /** Whether the origin was added, or is an address and no name. */
    boolean contains(String origin) {
        return last.get(origin) != null || isAddress(origin);
    }

    /** Whether the host has digits and dots alone, or stands in brackets. */
    private static boolean isAddress(String origin) {
        int schemeEnd = origin.indexOf(SCHEME_END);
        if (schemeEnd < 0) {
            return false;
        }
        int host = schemeEnd + SCHEME_END.length();
        int end = origin.startsWith("[", host) ? origin.lastIndexOf(']') + 1 : endOf("0123456789.", origin, host);
        return end > host && (end == origin.length() || isPort(origin.substring(end)));
    }

    private static boolean isPort(String text) {
        return text.startsWith(":") && text.length() > 1 && endOf("0123456789", text, 1) == text.length();
    }

    /** The index of the first character from there on that is none of these. */
    private static int endOf(String characters, String text, int start) {
        int i = start;
        while (i < text.length() && characters.indexOf(text.charAt(i)) >= 0) {
            i++;
        }
        return i;
    }
}
