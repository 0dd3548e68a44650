package org.pgnet.worker.dispatch;

import java.util.LinkedHashMap;
import java.util.Map;

/** The origins last known to lead to an address, a bounded number of them. One thread. */
final class ResolvedOrigins {
    private static final int MAX_REMEMBERED = 1_000;

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

    /** Whether an origin's host is {@code [...]} or has nothing but digits and dots: the port has digits alone, too. */
    private static boolean isAddress(String origin) {
        int host = origin.indexOf("://") + 3;
        if (host > 2 && origin.startsWith("[", host)) {
            return true;
        }
        for (int i = host; i < origin.length(); i++) {
            char c = origin.charAt(i);
            if ((c < '0' || c > '9') && c != '.' && c != ':') {
                return false;
            }
        }
        return host > 2 && host < origin.length();
    }
}
