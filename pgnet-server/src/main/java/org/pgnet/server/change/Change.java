package org.pgnet.server.change;

import java.util.List;
import org.pgnet.server.database.Row;

/**
 * Something that is about to be changed.
 *
 * @param title a question: "Cancel request 42?"
 * @param consequence what happens then
 * @param sql the statement, shown and run as it is
 * @param button what the button says
 */
public record Change(String title, String consequence, String sql, String button, Result result) {
    /** What became of it, in a sentence. */
    @FunctionalInterface
    public interface Result {
        String of(List<Row> rows);
    }
}
