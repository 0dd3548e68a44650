package org.pgnet.worker.dispatch;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** The origins last known to lead to an address, a bounded number of them. One thread. */
final class ResolvedOrigins {
    private static final int MAX_REMEMBERED = 1_000;
    private static final Pattern ADDRESS = Pattern.compile("[a-z]+://(?:[0-9.]+|\\[.*])(?::[0-9]+)?");

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
        return last.get(origin) != null || ADDRESS.matcher(origin).matches();
    }
}
