package org.pgnet.server.site;

import java.util.HashMap;
import java.util.Map;
import org.pgnet.server.database.RoleDatabase;

/** The pages that are looked at: tabs with the same one, of the same role, share it. Thread-safe. */
final class LivePages {
    private final Templates templates;
    private final Map<Key, Shared> pages = new HashMap<>();

    LivePages(Templates templates) {
        this.templates = templates;
    }

    /** @param address its path and query */
    record Key(RoleDatabase database, String address) {}

    /** A tab begins to look. */
    synchronized LivePage enter(Key key, LivePage.Source source) {
        Shared shared = pages.computeIfAbsent(key, ignored -> new Shared(new LivePage(source, templates)));
        shared.tabs++;
        return shared.page;
    }

    /** A tab looks no more. */
    synchronized void leave(Key key) {
        Shared shared = pages.get(key);
        shared.tabs--;
        if (shared.tabs == 0) {
            pages.remove(key);
        }
    }

    private static final class Shared {
        private final LivePage page;
        private int tabs;

        Shared(LivePage page) {
            this.page = page;
        }
    }
}
