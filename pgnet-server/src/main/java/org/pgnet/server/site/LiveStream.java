package org.pgnet.server.site;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.pgnet.server.page.View;
import org.pgnet.server.web.Answer;

/**
 * Keeps one tab up to date: each second it looks, and sends the parts of the page that have changed. While the database does not
 * answer it says so, and looks every five seconds.
 */
final class LiveStream {
    private static final int MOST = 64;
    private static final long SECOND_MILLIS = 1_000;
    private static final long DOWN_MILLIS = 5_000;
    /** By a comment the stream finds out that nobody reads any more. */
    private static final int SECONDS_BETWEEN_COMMENTS = 10;

    private final AtomicInteger open = new AtomicInteger();
    private final Templates templates;

    LiveStream(Templates templates) {
        this.templates = templates;
    }

    /** How a page looks now. */
    @FunctionalInterface
    interface Source {
        View view() throws SQLException;
    }

    /** Whether the stream still has somebody who may see it. */
    @FunctionalInterface
    interface Permission {
        boolean holds();
    }

    Answer answer(Source source, Permission permission) {
        if (open.get() >= MOST) {
            return Answer.text(503, "Too many tabs are open.\n").with("Retry-After", "10");
        }
        return Answer.events(output -> {
            open.incrementAndGet();
            try {
                run(source, permission, output);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                open.decrementAndGet();
            }
        });
    }

    int open() {
        return open.get();
    }

    private void run(Source source, Permission permission, OutputStream output)
            throws IOException, InterruptedException {
        Map<String, String> sent = new HashMap<>();
        send(output, "retry: 2000\n\n");
        int quiet = 0;
        while (permission.holds()) {
            long pause = SECOND_MILLIS;
            boolean said = false;
            try {
                Map<String, String> regions = templates.regions(source.view());
                regions.put("problem", "");
                for (Map.Entry<String, String> region : regions.entrySet()) {
                    if (!region.getValue().equals(sent.put(region.getKey(), region.getValue()))) {
                        send(output, event(region.getKey(), region.getValue()));
                        said = true;
                    }
                }
            } catch (SQLException e) {
                Problem problem = Problem.of(e);
                if (!problem.title().equals(sent.put("problem", problem.title()))) {
                    send(output, event("problem", templates.problem(problem)));
                    said = true;
                }
                pause = DOWN_MILLIS;
            }
            quiet = said ? 0 : quiet + 1;
            if (quiet % SECONDS_BETWEEN_COMMENTS == SECONDS_BETWEEN_COMMENTS - 1) {
                send(output, ":\n\n");
            }
            Thread.sleep(pause - System.currentTimeMillis() % SECOND_MILLIS);
        }
        send(output, "event: over\ndata:\n\n");
    }

    /** The id of an element, and below it what is in it. */
    private static String event(String id, String html) {
        return "event: region\ndata: " + id + "\ndata: "
                + html.replace("\r", "").replace("\n", "\ndata: ") + "\n\n";
    }

    private static void send(OutputStream output, String text) throws IOException {
        output.write(text.getBytes(StandardCharsets.UTF_8));
        output.flush();
    }
}
