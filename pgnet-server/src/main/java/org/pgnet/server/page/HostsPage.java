package org.pgnet.server.page;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgnet.server.database.Row;

/** What the requests to each host do now, the rules that hold for them, and where each value comes from. */
public final class HostsPage implements Page {
    private static final String RULES = """
            select pattern, policy, timeout::text, connect_timeout::text, max_in_flight, trim_scale(rate)::float8 as rate,
                extract(epoch from coalesce(per, '1 s'))::float8 as per, trim_scale(burst)::float8 as burst, breaker, store,
                array_to_string(roles, ', ') as roles, paused, comment
            from net.hosts order by paused desc nulls last, pattern limit 500
            """;

    /** @param chosen the origin whose rules are explained */
    public record Model(
            List<HostFlow> flows,
            List<Rule> rules,
            Optional<String> chosen,
            List<Explained> explained,
            boolean mayChange,
            boolean mayProbe) {
        /** How many may be in flight, if a rule that names the host says so. */
        public Optional<String> mostInFlight(HostFlow flow) {
            return rules.stream()
                    .filter(rule -> rule.names(flow))
                    .flatMap(rule -> rule.values().stream())
                    .filter(value -> value.what().equals("max in flight"))
                    .map(Explained::value)
                    .findFirst();
        }

        /** The rule that pauses a host and names it, if one does. */
        public Optional<String> pausedBy(HostFlow flow) {
            return rules.stream()
                    .filter(Rule::paused)
                    .filter(rule -> rule.names(flow))
                    .map(Rule::pattern)
                    .findFirst();
        }
    }

    /** What holds for an origin: a row of net.explain. */
    public record Explained(String what, String value, String source) {}

    /** A row of net.hosts, but for what may be secret. */
    public record Rule(String pattern, boolean paused, List<Explained> values, String comment) {
        private static final List<String> COLUMNS =
                List.of("policy", "timeout", "connect_timeout", "max_in_flight", "breaker", "store", "roles");

        boolean names(HostFlow flow) {
            return pattern.equals(flow.pattern()) || pattern.equals(flow.name());
        }

        static Rule of(Row row) {
            List<Explained> values = new ArrayList<>();
            row.real("rate").ifPresent(rate -> values.add(new Explained("rate", rate(rate, row), "")));
            COLUMNS.stream()
                    .filter(row::has)
                    .forEach(
                            column -> values.add(new Explained(column.replace('_', ' '), row.textOrEmpty(column), "")));
            return new Rule(row.textOrEmpty("pattern"), row.flag("paused"), values, row.textOrEmpty("comment"));
        }

        private static String rate(double rate, Row row) {
            return Format.decimal(rate) + " in "
                    + Format.seconds(row.real("per").orElse(1.0))
                    + row.real("burst")
                            .map(burst -> ", " + Format.decimal(burst) + " at once")
                            .orElse("");
        }

        public String inWords() {
            return String.join(
                    ", ",
                    values.stream()
                            .map(value -> value.what() + " " + value.value())
                            .toList());
        }
    }

    @Override
    public View view(Look look) throws SQLException {
        Optional<String> chosen = look.query().value("origin");
        List<Explained> explained = chosen.isPresent() ? explain(look, chosen.get()) : List.of();
        Model model = new Model(
                look.rows(HostFlow.QUERY).stream().map(HostFlow::of).toList(),
                look.rows(RULES).stream().map(Rule::of).toList(),
                chosen,
                explained,
                look.has().mayChangeHosts(),
                look.has().mayProbe());
        return new View("Hosts", "hosts.jte", model, Map.of("flows", "part/flows.jte", "rules", "part/rules.jte"));
    }

    private static List<Explained> explain(Look look, String origin) throws SQLException {
        return look.calmRows("select what, value, source from net.explain(?)", origin).stream()
                .map(row -> new Explained(row.textOrEmpty("what"), row.textOrEmpty("value"), row.textOrEmpty("source")))
                .toList();
    }
}
