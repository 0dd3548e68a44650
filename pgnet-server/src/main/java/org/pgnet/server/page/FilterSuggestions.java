package org.pgnet.server.page;

import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.pgnet.server.database.Row;

/** Words that the filter's box suggests: examples of each key, and the hosts, roles and webhooks that there are. */
final class FilterSuggestions {
    private static final String FLOWS =
            "select distinct origin, pg_get_userbyid(owner) as owner from net.stat_host order by 1, 2 limit 100";
    private static final String WEBHOOKS = "select name from net.webhooks order by name limit 50";
    private static final List<String> EXAMPLES = List.of(
            "status:5xx",
            "status:4xx",
            "status:2xx",
            "status:none",
            "older:10min",
            "older:2h",
            "newer:10min",
            "newer:2h",
            "method:POST",
            "method:GET");

    private FilterSuggestions() {}

    /** None for a page that is only kept up to date: its box stays as it is. */
    static List<String> of(Look look) throws SQLException {
        if (look.follows()) {
            return List.of();
        }
        List<Row> flows = look.calmRows(FLOWS);
        List<Row> webhooks = look.has().webhooks() ? look.calmRows(WEBHOOKS) : List.of();
        return Stream.of(
                        flows.stream()
                                .map(row -> "host:"
                                        + Place.of(row.textOrEmpty("origin")).name()),
                        EXAMPLES.stream(),
                        flows.stream().map(row -> "owner:" + row.textOrEmpty("owner")),
                        webhooks.stream().map(row -> "webhook:" + row.textOrEmpty("name")))
                .flatMap(words -> words)
                .filter(word -> !word.contains(" "))
                .distinct()
                .toList();
    }
}
