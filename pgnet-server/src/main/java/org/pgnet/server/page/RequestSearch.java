package org.pgnet.server.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.pgnet.server.database.Capabilities;

/**
 * The statement that finds requests, the newest first. Each table is read by its key, from an id downwards and for a bounded
 * number of rows: no rare value, and no role to which most rows are hidden, makes it read a table of millions. What it returns of
 * a request is that of net.requests.
 *
 * @param arguments of the question marks, in order
 */
public record RequestSearch(String sql, List<Object> arguments) {
    /** How many of the newest rows of each table a filter is tried on: fewer when it must look at each row's other half. */
    private static final int WINDOW = 5_000;

    private static final int WINDOW_OF_DETAILS = 2_000;

    /**
     * A table with requests.
     *
     * @param rows the newest of them, with the columns that a filter knows; of responses, method, URL and owner are elsewhere
     */
    private record Source(String table, String id, String rows) {}

    private static final Source ANSWERED = new Source(
            "net._http_response",
            "id",
            "select id, status_code as status, created, null::text as webhook from net._http_response %1$s");
    private static final Source ANSWERED_IN_FULL = new Source(
            "net._http_response",
            "id",
            "select w.*, d.url, d.owner, d.method from (" + ANSWERED.rows
                    + ") w left join lateral (select url, owner, method from net._details d where d.id = w.id offset 0) d on true");
    /** Row-level security looks up the owner of each response. Here it is in the row. */
    private static final Source ANSWERED_OF_A_ROLE = new Source(
            "net._details",
            "id",
            "select d.*, r.status_code as status, r.created, null::text as webhook"
                    + " from (select id, url, owner, method from net._details %1$s) d join net._http_response r on r.id = d.id");

    private static final Map<String, Source> SOURCES = Map.of(
            "queued",
            new Source(
                    "net.http_request_queue",
                    "id",
                    "select id, url, owner, method, null::integer as status, created, %2$s as webhook from net.http_request_queue %1$s"),
            "retried",
            new Source(
                    "net._delivery",
                    "request_id",
                    "select q.id, q.url, q.owner, q.method, d.status, q.created, d.attempts, %2$s as webhook"
                            + " from (select request_id as id, last_status as status, attempts from net._delivery %1$s) d"
                            + " join net.http_request_queue q on q.id = d.id"),
            "answered",
            ANSWERED,
            "dead",
            new Source(
                    "net.dead_letters",
                    "id",
                    "select id, url, owner, method, status_code as status, died as created, %2$s as webhook from net.dead_letters %1$s"));

    /**
     * @param has which columns there are
     * @param tab which states, and so which tables
     * @param before the id that those found are below
     * @param most how many to return
     */
    public static RequestSearch of(Capabilities has, RequestTab tab, RequestFilter filter, long before, int most) {
        return new Writer(has, tab, filter, before, most).search();
    }

    /** Writes one. */
    private static final class Writer {
        private final Capabilities has;
        private final RequestTab tab;
        private final RequestFilter filter;
        private final long before;
        private final int most;
        private final int window;
        private final List<Object> arguments = new ArrayList<>();

        Writer(Capabilities has, RequestTab tab, RequestFilter filter, long before, int most) {
            this.has = has;
            this.tab = tab;
            this.filter = filter;
            this.before = before;
            this.most = most;
            boolean narrowed = !filter.isEmpty() || !tab.condition().equals("true");
            this.window = !narrowed ? most : filter.needsDetails() ? WINDOW_OF_DETAILS : WINDOW;
        }

        RequestSearch search() {
            List<Source> sources = tab.tables().stream().map(this::source).toList();
            String found = sources.stream().map(this::found).collect(Collectors.joining(" union "));
            String floors = sources.stream().map(this::floor).collect(Collectors.joining(" union all "));
            return new RequestSearch(
                    "with found as (select id from (" + found + ") each order by id desc limit " + most
                            + "), floor as (select max(id) as id from (" + floors + lowestId() + ") lowest) "
                            + shown(tab.states()),
                    List.copyOf(arguments));
        }

        private Source source(String name) {
            if (!name.equals("answered")) {
                return SOURCES.get(name);
            }
            return has.rowsMayBeHidden() ? ANSWERED_OF_A_ROLE : filter.needsDetails() ? ANSWERED_IN_FULL : ANSWERED;
        }

        /** The newest ids of a table that the filter finds: read in their order, and no further than there are enough. */
        private String found(Source source) {
            String rows = source.rows.formatted(
                    newest(source) + " limit " + window, has.webhooks() ? "webhook" : "null::text");
            arguments.addAll(filter.arguments());
            return "(select id from (" + rows + ") w where " + tab.condition() + " and " + filter.sql()
                    + " order by id desc limit " + most + ")";
        }

        /** The id down to which a table was looked through, if there may be more. */
        private String floor(Source source) {
            return "(select " + source.id + " as id from " + source.table + " " + newest(source) + " offset "
                    + (window - 1) + " limit 1)";
        }

        private String newest(Source source) {
            return "where "
                    + (has.rowsMayBeHidden() ? VisibleRows.areNewest(source.id, end()) : source.id + " < " + before)
                    + " order by " + source.id + " desc";
        }

        private String lowestId() {
            return has.rowsMayBeHidden() ? " union all select " + VisibleRows.lowest(end()) : "";
        }

        /** The id below which is looked. */
        private String end() {
            return "least(" + before + ", " + VisibleRows.END + ")";
        }
    }

    /** The request of an id, as a list of one. */
    public static RequestSearch of(long id) {
        return new RequestSearch(
                "with found as (select cast(? as bigint) as id), floor as (select null::bigint as id) "
                        + shown(List.of()),
                List.of(id));
    }

    /** A row at least, since each has the floor. OFFSET keeps the view from being joined: it is looked up for each id. */
    private static String shown(List<String> states) {
        return "select r.*, floor.id as floor from floor left join (select r.id, r.state, r.reason, r.method,"
                + " left(r.url, 2000) as url, pg_get_userbyid(r.owner) as owner, r.created, r.attempts, r.next_attempt,"
                + " r.status_code, left(r.error_msg, 300) as error_msg, extract(epoch from r.duration) as seconds"
                + " from found, lateral (select * from net.requests r where r.id = found.id offset 0) r"
                + (states.isEmpty() ? "" : " where r.state in ('" + String.join("', '", states) + "')")
                + ") r on true order by r.id desc nulls last";
    }
}
