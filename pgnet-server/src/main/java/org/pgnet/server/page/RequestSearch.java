package org.pgnet.server.page;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.pgnet.server.database.Capabilities;

/**
 * The statement that finds requests, the newest first. Each table is read by its key, from an id downwards and for a bounded
 * number of rows: no rare value makes it read a table of millions. What it returns of a request is that of net.requests.
 *
 * @param arguments of the question marks, in order
 */
public record RequestSearch(String sql, List<Object> arguments) {
    /** How many of the newest rows of each table a filter is tried on: fewer when it must look at each row's other half. */
    private static final int WINDOW = 5_000;

    private static final int WINDOW_OF_DETAILS = 2_000;

    /** The tables with requests, each with the columns that a filter knows; of responses, method, URL and owner are elsewhere. */
    private static final Map<String, String> TABLES = Map.of(
            "queued",
                    "select id, url, owner, method, null::integer as status, created, %2$s as webhook from net.http_request_queue %1$s",
            "retried",
                    "select q.id, q.url, q.owner, q.method, d.status, q.created, d.attempts, %2$s as webhook"
                            + " from (select request_id as id, last_status as status, attempts from net._delivery %1$s) d"
                            + " join net.http_request_queue q on q.id = d.id",
            "answered", "select id, status_code as status, created, null::text as webhook from net._http_response %1$s",
            "answered in full",
                    "select w.*, r.url, r.owner, r.method"
                            + " from (select id, status_code as status, created, null::text as webhook from net._http_response %1$s) w"
                            + " left join lateral (select url, owner, method from net.responses r where r.id = w.id offset 0) r on true",
            "dead",
                    "select id, url, owner, method, status_code as status, died as created, %2$s as webhook from net.dead_letters %1$s");

    /**
     * @param has which columns there are
     * @param tab which states, and so which tables
     * @param before the id that those found are below
     * @param most how many to return
     */
    public static RequestSearch of(Capabilities has, RequestTab tab, RequestFilter filter, long before, int most) {
        List<Object> arguments = new ArrayList<>();
        Map<String, String> windows = new LinkedHashMap<>();
        boolean narrowed = !filter.isEmpty() || !tab.condition().equals("true");
        int window = !narrowed ? most : filter.needsDetails() ? WINDOW_OF_DETAILS : WINDOW;
        for (String table : tab.tables()) {
            String id = table.equals("retried") ? "request_id" : "id";
            String bounded = "where " + id + " < ? order by " + id + " desc limit " + window;
            String source = table.equals("answered") && filter.needsDetails() ? "answered in full" : table;
            windows.put(table, TABLES.get(source).formatted(bounded, has.webhooks() ? "webhook" : "null::text"));
            arguments.add(before);
        }
        List<String> found = new ArrayList<>();
        for (String table : windows.keySet()) {
            found.add("select id from " + table + " where " + tab.condition() + " and " + filter.sql());
            arguments.addAll(filter.arguments());
        }
        String sql = "with "
                + windows.entrySet().stream()
                        .map(entry -> entry.getKey() + " as materialized (" + entry.getValue() + ")")
                        .collect(Collectors.joining(", "))
                + ", found as (" + String.join(" union ", found) + " order by id desc limit " + most + ")"
                + ", floor as (select max(id) as id from ("
                + windows.keySet().stream()
                        .map(table -> "select min(id) as id from " + table + " having count(*) = " + window)
                        .collect(Collectors.joining(" union all "))
                + ") lowest) "
                + shown(tab.states());
        return new RequestSearch(sql, List.copyOf(arguments));
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
