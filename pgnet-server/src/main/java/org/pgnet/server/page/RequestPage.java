package org.pgnet.server.page;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgnet.server.database.Row;

/** One request: its life on a time line, what was sent, and what came back. */
public final class RequestPage implements Page {
    private static final String STATE = """
            select r.id, r.state, r.reason, r.method, left(r.url, 8000) as url, pg_get_userbyid(r.owner) as owner, r.created,
                r.attempts, r.next_attempt, r.status_code, left(r.error_msg, 4000) as error_msg,
                extract(epoch from r.duration) as seconds
            from net.requests r where r.id = ?
            """;
    private static final String SENT_COLUMNS = """
            left(headers::text, 65536) as headers, substring(body from 1 for %d) as body,
                coalesce(octet_length(body), 0) as body_bytes, policy, not_before, expires, priority, order_key, on_response,
                left(context::text, 8192) as context, timeout_milliseconds, store, sign_with,
                array_to_string(secrets, ', ') as secrets
            """.formatted(Body.MOST);
    private static final String SENT = "select " + SENT_COLUMNS + " from net.http_request_queue where id = ?"
            + " union all (select " + SENT_COLUMNS + " from net.dead_letters where id = ? order by died desc limit 1)";
    private static final String CAME = "select status_code, content_type, left(headers::text, 65536) as headers,"
            + " left(content, " + Body.MOST + ") as content, coalesce(octet_length(content), 0) as content_bytes,"
            + " substring(body from 1 for " + Body.MOST + ") as body, coalesce(octet_length(body), 0) as body_bytes,"
            + " created, timed_out, left(error_msg, 4000) as error_msg from net.responses where id = ?";
    private static final String ATTEMPTS = """
            select attempt, started, extract(epoch from duration) as seconds, status_code, timed_out, error_msg,
                extract(epoch from dns) as dns, extract(epoch from connect) as connect, extract(epoch from tls) as tls,
                extract(epoch from first_byte) as first_byte
            from net.attempts where request_id = ? order by started desc limit 500
            """;
    private static final String CALLBACK =
            "select function, attempts, due, left(error_msg, 2000) as error_msg from net._callbacks where request_id ="
                    + " ?";
    private static final String BLOCKED_BY = "select net._blocked_by(?) as id";

    /** A header of a request or response; one that came more than once is several. */
    public record Header(String name, String value) {}

    public record Fact(String name, String value) {}

    public record Callback(String function, long attempts, Optional<String> error, Optional<Instant> due) {}

    /** @param sent whether what was sent is still there: of a request that has succeeded it is not kept */
    public record Model(
            long id,
            boolean found,
            RequestRow row,
            String url,
            String owner,
            Optional<String> error,
            Timeline timeline,
            List<Header> sentHeaders,
            Optional<Body> sentBody,
            boolean sent,
            List<Fact> facts,
            boolean came,
            List<Header> cameHeaders,
            Optional<Body> cameBody,
            Optional<Instant> cameAt,
            Optional<Callback> callback,
            Optional<String> orderKey,
            Optional<Long> blockedBy,
            String curl,
            String sql) {}

    @Override
    public View view(Look look) throws SQLException {
        long id = number(look.path());
        Optional<Row> state =
                look.has().requests() ? look.rows(STATE, id).stream().findFirst() : Optional.empty();
        return new View(
                "Request " + id,
                state.isPresent() ? "request.jte" : "missing.jte",
                state.isPresent() ? model(look, id, state.get()) : id,
                state.isPresent()
                        ? Map.of(
                                "state",
                                "part/state.jte",
                                "life",
                                "part/life.jte",
                                "sent",
                                "part/sent.jte",
                                "came",
                                "part/came.jte")
                        : Map.of());
    }

    private static long number(String path) {
        return path.matches("\\d{1,18}") ? Long.parseLong(path) : 0;
    }

    private static Model model(Look look, long id, Row state) throws SQLException {
        Optional<Row> sent = look.rows(SENT, id, id).stream().findFirst();
        Optional<Row> came = look.rows(CAME, id).stream().findFirst();
        Instant now = Instant.now();
        RequestRow row = RequestRow.of(state);
        List<Attempt> attempts = attempts(look, id, state, came);
        Instant created = created(row, attempts, now);
        Optional<String> orderKey = sent.flatMap(columns -> columns.text("order_key"));
        String url = state.textOrEmpty("url");
        return new Model(
                id,
                true,
                row,
                url,
                row.owner(),
                state.text("error_msg"),
                Timeline.of(
                        created.isAfter(now) ? now : created,
                        sent.flatMap(columns -> columns.moment("not_before")),
                        attempts,
                        row.next(),
                        row.reason(),
                        now),
                headers(sent),
                sent.flatMap(columns -> Body.of(columns.bytes("body"), columns.numberOr("body_bytes", 0))),
                sent.isPresent(),
                facts(row, sent, created),
                came.isPresent(),
                headers(came),
                came.flatMap(RequestPage::body),
                came.flatMap(columns -> columns.moment("created")),
                look.rows(CALLBACK, id).stream().findFirst().map(RequestPage::callback),
                orderKey,
                orderKey.isPresent()
                        ? look.rows(BLOCKED_BY, id).stream().findFirst().flatMap(blocked -> blocked.number("id"))
                        : Optional.empty(),
                RequestAsText.curl(row.method(), url, headers(sent), sent),
                RequestAsText.sql(row.method(), url, sent));
    }

    /** Of one that is over only its end is known, and its attempts. */
    private static Instant created(RequestRow row, List<Attempt> attempts, Instant now) {
        Instant first = attempts.isEmpty() ? now : attempts.get(0).started();
        return row.created().filter(created -> created.isBefore(first)).orElse(first);
    }

    /** Of a request with one attempt there is no history: its response says when it was. */
    private static List<Attempt> attempts(Look look, long id, Row state, Optional<Row> came) throws SQLException {
        List<Attempt> attempts = Attempt.latest(look.rows(ATTEMPTS, id));
        Optional<Instant> ended = came.flatMap(columns -> columns.moment("created"));
        if (attempts.isEmpty() && ended.isPresent() && state.has("seconds")) {
            Duration duration = Format.ofSeconds(state.real("seconds").orElse(0.0));
            return List.of(new Attempt(
                    (int) Math.max(1, state.numberOr("attempts", 1)),
                    ended.get().minus(duration),
                    duration,
                    state.number("status_code"),
                    came.get().flag("timed_out"),
                    state.text("error_msg")));
        }
        return attempts;
    }

    private static Optional<Body> body(Row came) {
        return came.text("content")
                .map(text -> Body.ofText(text, came.numberOr("content_bytes", 0)))
                .or(() -> Body.of(came.bytes("body"), came.numberOr("body_bytes", 0)));
    }

    private static List<Header> headers(Optional<Row> row) {
        return row.flatMap(columns -> columns.text("headers"))
                .map(HeaderList::parse)
                .orElse(List.of());
    }

    private static Callback callback(Row row) {
        return new Callback(
                row.textOrEmpty("function"), row.numberOr("attempts", 0), row.text("error_msg"), row.moment("due"));
    }

    /** When it was made is known as long as the request itself is there. */
    private static List<Fact> facts(RequestRow row, Optional<Row> sent, Instant begin) {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("Owner", row.owner()));
        facts.add(new Fact(sent.isPresent() ? "Created" : "First sent", Format.moment(begin)));
        sent.ifPresent(columns -> {
            add(facts, "Policy", columns.text("policy"));
            add(facts, "Priority", columns.text("priority"));
            add(facts, "Order key", columns.text("order_key"));
            add(facts, "Timeout", columns.real("timeout_milliseconds").map(millis -> Format.seconds(millis / 1000)));
            add(facts, "Not before", columns.moment("not_before").map(Format::moment));
            add(facts, "Expires", columns.moment("expires").map(Format::moment));
            add(facts, "On response", columns.text("on_response"));
            add(facts, "Context", columns.text("context"));
            add(facts, "Store", columns.text("store"));
            add(facts, "Signed with", columns.text("sign_with"));
            add(facts, "Secrets", columns.text("secrets"));
        });
        return facts;
    }

    private static void add(List<Fact> facts, String name, Optional<String> value) {
        value.filter(text -> !text.isEmpty()).ifPresent(text -> facts.add(new Fact(name, text)));
    }
}
