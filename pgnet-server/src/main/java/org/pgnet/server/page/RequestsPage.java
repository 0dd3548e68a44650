package org.pgnet.server.page;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgnet.server.database.Row;
import org.pgnet.server.web.Query;

/** The requests, the newest first, by pages of the ids before a given one. The view is its URL, so that it can be shared. */
public final class RequestsPage implements Page {
    private static final int ROWS = 50;
    private static final String COUNTS = """
            select (select count(*) from (select from net.http_request_queue limit 1000) q) as waiting,
                (select count(*) from (select attempts from net._delivery where due > '-infinity' order by due limit 1000) d
                    where attempts > 0) as retrying,
                (select count(*) from (select from net.dead_letters limit 1000) d) as dead
            """;
    /** Of the newest ids, where row-level security hides rows. */
    private static final String COUNTS_OF_ROLE = """
            select (select count(*) from (select from net.http_request_queue where %s order by id desc limit 1000) q) as waiting,
                (select count(*) from (select attempts from net._delivery where %s order by request_id desc limit 1000) d
                    where attempts > 0) as retrying,
                (select count(*) from %%s d) as dead, %s is not null as more
            """.formatted(
                    VisibleRows.areNewest("id", VisibleRows.END),
                    VisibleRows.areNewest("request_id", VisibleRows.END),
                    VisibleRows.lowest(VisibleRows.END));

    /** @param count up to a thousand; nothing is counted further */
    public record Tab(String label, String link, boolean current, String count) {}

    /**
     * @param further the link to older ones, if there may be any
     * @param lookedTo the id down to which was looked for what is to be shown, when that was not all
     * @param newest whether these are the newest ones, which are kept up to date
     * @param narrowed whether they are not all requests, nor one, and may be changed: then all that are found can be
     * @param suggestions words for the filter
     */
    public record Model(
            boolean supported,
            List<Tab> tabs,
            String tab,
            String filter,
            List<String> notes,
            List<RequestRow> rows,
            Optional<String> further,
            Optional<Long> lookedTo,
            boolean newest,
            String self,
            boolean narrowed,
            List<String> suggestions) {
        /** The address that asks for a change of all that the filter finds. */
        public String ofAllFound(String change) {
            Query view = Query.EMPTY
                    .with("state", tab.equals(RequestTab.ALL.word()) ? "" : tab)
                    .with("q", filter);
            return FoundRequests.address(change, view, self);
        }
    }

    @Override
    public View view(Look look) throws SQLException {
        Model model = look.has().requests() ? model(look) : unsupported();
        return new View("Requests", "requests.jte", model, Map.of("tabs", "part/tabs.jte", "rows", "part/rows.jte"));
    }

    private static Model model(Look look) throws SQLException {
        String text = look.query().value("q").orElse("");
        RequestTab tab = RequestTab.of(look.query().value("state"));
        RequestFilter filter = RequestFilter.parse(text);
        List<Row> found = find(look, look.query(), ROWS + 1);
        List<RequestRow> rows =
                found.stream().filter(row -> row.has("id")).map(RequestRow::of).toList();
        Optional<Long> floor = found.get(0).number("floor");
        boolean more = rows.size() > ROWS;
        boolean isPlain = filter.isEmpty()
                && tab.condition().equals("true")
                && !look.has().rowsMayBeHidden();
        Optional<Long> next = more ? Optional.of(rows.get(ROWS - 1).id()) : floor;
        return new Model(
                true,
                tabs(look, tab),
                tab.word(),
                text,
                filter.notes(),
                rows.stream().limit(ROWS).toList(),
                next.map(
                        id -> "/requests" + look.query().with("before", "" + id).encoded()),
                more || isPlain ? Optional.empty() : floor,
                look.query().number("before").isEmpty(),
                "/requests" + look.query().encoded(),
                filter.id().isEmpty() && tab != RequestTab.SUCCEEDED && !(tab == RequestTab.ALL && filter.isEmpty()),
                FilterSuggestions.of(look));
    }

    /**
     * What a view of the list finds: a row at least, which has the floor.
     *
     * @param view parameters of the page's address
     */
    static List<Row> find(Look look, Query view, int most) throws SQLException {
        RequestTab tab = RequestTab.of(view.value("state"));
        RequestFilter filter = RequestFilter.parse(view.value("q").orElse(""));
        long before = view.number("before").orElse(Long.MAX_VALUE);
        RequestSearch search = filter.id()
                .map(RequestSearch::of)
                .orElseGet(() -> RequestSearch.of(look.has(), tab, filter, before, most));
        return look.rows(search.sql(), search.arguments().toArray());
    }

    private static List<Tab> tabs(Look look, RequestTab current) throws SQLException {
        Row counts = counts(look);
        List<Tab> tabs = new ArrayList<>();
        for (RequestTab tab : RequestTab.values()) {
            String state = tab == RequestTab.ALL ? "" : tab.word();
            tabs.add(new Tab(
                    tab.label(),
                    "/requests"
                            + look.query()
                                    .with("before", "")
                                    .with("state", state)
                                    .encoded(),
                    tab == current,
                    counts.number(tab.word())
                            .map(count -> shown(count, tab, counts))
                            .orElse("")));
        }
        return tabs;
    }

    private static Row counts(Look look) throws SQLException {
        String sql = look.has().rowsMayBeHidden()
                ? COUNTS_OF_ROLE.formatted(VisibleRows.deadLetters(look.has(), 1_000))
                : COUNTS;
        return look.calmRows(sql).get(0);
    }

    /** Of what was counted among the newest ids alone, there may be more; and nothing is known when none was there. */
    private static String shown(long count, RequestTab tab, Row counts) {
        if (count >= 1000) {
            return "1,000+";
        }
        boolean more = counts.flag("more") && tab != RequestTab.DEAD;
        return more ? count == 0 ? "" : count + "+" : "" + count;
    }

    private static Model unsupported() {
        return new Model(
                false,
                List.of(),
                "",
                "",
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                true,
                "/requests",
                false,
                List.of());
    }
}
