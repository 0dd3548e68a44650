package org.pgnet.server.site;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.pgnet.server.change.Change;
import org.pgnet.server.database.Row;
import org.pgnet.server.page.ChangeForm;
import org.pgnet.server.page.FoundRequests;
import org.pgnet.server.page.Look;
import org.pgnet.server.web.Answer;
import org.pgnet.server.web.Call;
import org.pgnet.server.web.LocalPath;
import org.pgnet.server.web.Query;

/** A change is asked for by GET, which shows what SQL it runs, and made by POST. */
public final class ChangePages {
    private final Notices notices;

    ChangePages(Notices notices) {
        this.notices = notices;
    }

    /** @param fields those of the form that makes the change */
    public record Model(Change change, List<Map.Entry<String, String>> fields, String back) {}

    public record RateModel(String pattern, String back) {}

    /** @param most how many at most */
    public record PaceModel(String host, String since, long most, String back) {}

    /**
     * @param change what cannot be done: a participle
     * @param extent how far was looked, in a sentence
     */
    public record NothingModel(String change, String extent, String back) {}

    public record Preview(String title, String template, Object model) {}

    Preview preview(Look look, Query fields) throws SQLException {
        String back = LocalPath.orFront(fields.exact("back"));
        if (ChangeForm.asksForRate(fields)) {
            return new Preview("Rate", "rate.jte", new RateModel(fields.exact("pattern"), back));
        }
        if (FoundRequests.areMeant(fields)) {
            return previewOfFound(look, fields, back);
        }
        Change change = ChangeForm.read(look, fields);
        if (ChangeForm.asksForPace(fields)) {
            long most = fields.number("most").orElse(1_000L);
            return new Preview(
                    "Retry", "retry.jte", new PaceModel(fields.exact("host"), fields.exact("since"), most, back));
        }
        return preview(change, fields, back);
    }

    private static Preview previewOfFound(Look look, Query asked, String back) throws SQLException {
        FoundRequests found = FoundRequests.of(look, asked);
        Query fields = found.fields(asked);
        if (found.ids().isEmpty()) {
            String participle = fields.exact("do").equals("retry") ? "retried" : "cancelled";
            return new Preview("Nothing to change", "nothing.jte", new NothingModel(participle, found.extent(), back));
        }
        return preview(ChangeForm.read(look, fields).adding(found.extent()), fields, back);
    }

    private static Preview preview(Change change, Query fields, String back) {
        List<Map.Entry<String, String>> repeated = fields.parameters().entrySet().stream()
                .filter(entry -> !entry.getKey().equals("csrf"))
                .flatMap(entry -> entry.getValue().stream().map(value -> Map.entry(entry.getKey(), value)))
                .toList();
        return new Preview(change.title(), "change.jte", new Model(change, repeated, back));
    }

    Answer make(Look look, Call call) throws SQLException {
        Change change = ChangeForm.read(look, call.form());
        List<Row> rows = look.database().change(change.sql());
        notices.leave(call.requiredSession(), change.result().of(rows));
        return Answer.seeOther(
                LocalPath.orFront(change.next().of(rows, call.form().exact("back"))));
    }
}
