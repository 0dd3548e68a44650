package org.pgnet.server.site;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.pgnet.server.web.Answer;

/**
 * Keeps tabs up to date: each second the parts of the page that have changed are sent, and nothing when none has. While the
 * database does not answer a tab says so, and it is asked every five seconds.
 */
final class LiveStream {
    private static final int MOST = 64;
    private static final long SECOND_MILLIS = 1_000;
    private static final long DOWN_MILLIS = 5_000;
    /** By a comment the stream finds out that nobody reads any more. */
    private static final int SECONDS_BETWEEN_COMMENTS = 10;

    private final AtomicInteger open = new AtomicInteger();
    private final LivePages pages;

    LiveStream(Templates templates) {
        pages = new LivePages(templates);
    }

    /** Whether the stream still has somebody who may see it. */
    @FunctionalInterface
    interface Permission {
        boolean holds();
    }

    /** @param key tabs with the same one see the same */
    Answer answer(LivePages.Key key, LivePage.Source source, Permission permission) {
        if (open.get() >= MOST) {
            return Answer.text(503, "Too many tabs are open.\n").with("Retry-After", "10");
        }
        return Answer.events(output -> {
            open.incrementAndGet();
            LivePage page = pages.enter(key, source);
            try {
                run(page, permission, output);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                pages.leave(key);
                open.decrementAndGet();
            }
        });
    }

    int open() {
        return open.get();
    }

    private static void run(LivePage page, Permission permission, OutputStream output)
            throws IOException, InterruptedException {
        LivePage.Shown sent = new LivePage.Shown(Map.of(), false);
        Map<String, String> regions = new HashMap<>();
        send(output, "retry: 2000\n\n");
        int quiet = 0;
        while (permission.holds()) {
            LivePage.Shown now = page.look();
            String events = now == sent ? "" : changes(now.regions(), regions);
            sent = now;
            quiet = events.isEmpty() ? quiet + 1 : 0;
            if (!events.isEmpty()) {
                send(output, events);
            } else if (quiet % SECONDS_BETWEEN_COMMENTS == SECONDS_BETWEEN_COMMENTS - 1) {
                send(output, ":\n\n");
            }
            Thread.sleep((now.down() ? DOWN_MILLIS : SECOND_MILLIS) - System.currentTimeMillis() % SECOND_MILLIS);
        }
        send(output, "event: over\ndata:\n\n");
    }

    /** The events for what a tab does not have yet; it has it then. */
    private static String changes(Map<String, String> regions, Map<String, String> sent) {
        StringBuilder events = new StringBuilder();
        regions.forEach((id, html) -> {
            if (!html.equals(sent.put(id, html))) {
                event(events, id, html);
            }
        });
        return events.toString();
    }

    /** The id of an element, and below it what is in it. */
    private static void event(StringBuilder events, String id, String html) {
        events.append("event: region\ndata: ")
                .append(id)
                .append("\ndata: ")
                .append(html.replace("\r", "").replace("\n", "\ndata: "))
                .append("\n\n");
    }

    private static void send(OutputStream output, String text) throws IOException {
        output.write(text.getBytes(StandardCharsets.UTF_8));
        output.flush();
    }
}
