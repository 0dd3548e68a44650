package org.pgnet.server.site;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.pgnet.server.web.Session;

/** What became of somebody's last change, until the next page has shown it. Thread-safe. */
final class Notices {
    private static final int MOST = 1_000;

    private final Map<String, String> bySession = new ConcurrentHashMap<>();

    void leave(Session session, String text) {
        if (bySession.size() >= MOST) {
            bySession.clear();
        }
        bySession.put(session.token(), text);
    }

    Optional<String> take(Session session) {
        return Optional.ofNullable(bySession.remove(session.token()));
    }
}
