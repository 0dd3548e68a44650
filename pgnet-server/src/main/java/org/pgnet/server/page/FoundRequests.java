package org.pgnet.server.page;

import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgnet.server.change.Changes;
import org.pgnet.server.database.Row;
import org.pgnet.server.web.Query;

/**
 * The requests that a filter finds and a change can be made of: the newest, up to as many as one statement changes. The change is
 * then about their ids, so that what is run is what was shown.
 *
 * @param isAll whether the filter finds no others
 * @param lookedTo the id down to which was looked, when there may be more below it
 */
public record FoundRequests(List<Long> ids, boolean isAll, Optional<Long> lookedTo) {
    private static final String SUFFIX = "-found";

    /** The address that asks for a change of all that a view of the list finds. */
    static String address(String change, Query view, String back) {
        return "/change"
                + view.with("before", "")
                        .with("do", change + SUFFIX)
                        .with("back", back)
                        .encoded();
    }

    /** Whether the fields of a form are such an address's. */
    public static boolean areMeant(Query fields) {
        return List.of("retry" + SUFFIX, "cancel" + SUFFIX).contains(fields.exact("do"));
    }

    public static FoundRequests of(Look look, Query fields) throws SQLException {
        List<Row> found = RequestsPage.find(look, fields, Changes.MOST_REQUESTS + 1);
        boolean retry = change(fields).equals("retry");
        List<Long> ids = found.stream()
                .filter(row -> row.has("id"))
                .map(RequestRow::of)
                .filter(row -> retry ? row.canRetry() : row.canCancel())
                .map(RequestRow::id)
                .toList();
        boolean isAll = found.size() <= Changes.MOST_REQUESTS;
        return new FoundRequests(
                ids.subList(0, Math.min(ids.size(), Changes.MOST_REQUESTS)),
                isAll,
                isAll ? found.get(0).number("floor") : Optional.empty());
    }

    /** The fields of the form that changes these. */
    public Query fields(Query asked) {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        fields.put("do", List.of(change(asked)));
        fields.put("id", ids.stream().map(String::valueOf).toList());
        fields.put("back", asked.all("back"));
        return new Query(fields);
    }

    /** How far was looked, in a sentence; empty when these are all. */
    public String extent() {
        if (!isAll) {
            return "These are among the newest " + Format.number(Changes.MOST_REQUESTS)
                    + " that the filter finds: do it again for the others.";
        }
        return lookedTo.map(id -> "The filter has looked through the requests down to " + id + ".")
                .orElse("");
    }

    private static String change(Query fields) {
        return fields.exact("do").replace(SUFFIX, "");
    }
}
