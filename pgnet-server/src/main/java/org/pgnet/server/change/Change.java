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
 * @param next where to go then
 */
public record Change(String title, String consequence, String sql, String button, Result result, Next next) {
    public Change(String title, String consequence, String sql, String button, Result result) {
        this(title, consequence, sql, button, result, (rows, back) -> back);
    }

    /** The same with a sentence more about what happens. */
    public Change adding(String sentence) {
        return sentence.isEmpty() ? this : new Change(title, consequence + " " + sentence, sql, button, result, next);
    }

    /** What became of it, in a sentence. */
    @FunctionalInterface
    public interface Result {
        String of(List<Row> rows);
    }

    /** A path of the site, given that from which the change was asked for. */
    @FunctionalInterface
    public interface Next {
        String of(List<Row> rows, String back);
    }
}
