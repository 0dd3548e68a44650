package org.pgnet.server.site;

import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.pgnet.server.page.View;

/** A page that tabs look at: made once a second, however many they are, and drawn when it has changed. Thread-safe. */
final class LivePage {
    static final Duration AGE = Duration.ofMillis(900);

    private final Source source;
    private final Templates templates;
    private Optional<View> drawn = Optional.empty();
    private Shown shown = new Shown(Map.of(), false);
    private long lookedNanos = System.nanoTime() - AGE.toNanos();

    LivePage(Source source, Templates templates) {
        this.source = source;
        this.templates = templates;
    }

    /** How a page is now. */
    @FunctionalInterface
    interface Source {
        View view() throws SQLException;
    }

    /**
     * What tabs see.
     *
     * @param regions element ids and what is in them
     * @param down whether the database did not answer
     */
    record Shown(Map<String, String> regions, boolean down) {}

    /** The same object as long as nothing has changed. */
    synchronized Shown look() {
        long now = System.nanoTime();
        if (now - lookedNanos >= AGE.toNanos()) {
            lookedNanos = now;
            try {
                draw(source.view());
            } catch (SQLException e) {
                tell(Problem.of(e));
            }
        }
        return shown;
    }

    private void draw(View view) {
        if (shown.down() || !drawn.equals(Optional.of(view))) {
            drawn = Optional.of(view);
            Map<String, String> regions = templates.regions(view);
            regions.put("problem", "");
            shown = new Shown(regions, false);
        }
    }

    /** What was there last stays, below what is wrong. */
    private void tell(Problem problem) {
        String text = templates.problem(problem);
        if (!text.equals(shown.regions().get("problem"))) {
            Map<String, String> regions = new HashMap<>(shown.regions());
            regions.put("problem", text);
            shown = new Shown(regions, true);
        }
    }
}
