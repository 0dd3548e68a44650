package org.pgnet.worker.hosts;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.pgnet.curl.HostRanks;
import org.pgnet.worker.secrets.Template;
import org.pgnet.worker.spi.HostRules;
import org.pgnet.worker.spi.HostTerms;
import org.pgnet.worker.spi.ProbeWish;
import org.pgnet.worker.spi.TlsFiles;

/** One state of the table of hosts. Remembers the terms of each origin. */
public final class HostTable implements HostRules {
    private static final int MAX_REMEMBERED = 4096;

    /** A row, and how specific it is for an origin. */
    private record Match(HostRow row, int rank) {}

    private final List<HostRow> rows;
    private final Membership membership;
    private final WebhookStates webhooks;
    private final Set<ProbeWish> probeWishes;
    private final HostRanks ranks;
    private final List<HostRow> rowsWithRoles;
    private final Set<String> secretNames;
    private final Map<String, HostTerms> termsByOrigin = new ConcurrentHashMap<>();
    /** For each owner that has or had requests, the rows with roles that let it call their hosts, by their patterns. */
    private final Map<Long, Set<String>> callableByOwner = new ConcurrentHashMap<>();

    /** The first state that is known, in which no webhook is disabled. */
    public HostTable(List<HostRow> rows, Membership membership) {
        this(rows, membership, WebhookStates.NONE, Set.of());
    }

    private HostTable(
            List<HostRow> rows, Membership membership, WebhookStates webhooks, Collection<ProbeWish> probeWishes) {
        this.rows = List.copyOf(rows);
        this.membership = membership;
        this.webhooks = webhooks;
        this.probeWishes = Set.copyOf(probeWishes);
        List<String> patterns = new ArrayList<>(rows.size());
        List<HostRow> withRoles = new ArrayList<>();
        Set<String> named = new HashSet<>();
        for (HostRow row : rows) {
            patterns.add(row.pattern());
            if (row.roles().isPresent()) {
                withRoles.add(row);
            }
            String headersJson = row.headersJson().orElse("");
            if (Template.isPossible(headersJson)) {
                named.addAll(Template.ofRule(headersJson).secrets());
            }
        }
        this.ranks = new HostRanks(patterns);
        this.rowsWithRoles = List.copyOf(withRoles);
        this.secretNames = Set.copyOf(named);
    }

    /** The next state. Requests that wait may be of the owners that this one has seen. */
    public HostTable followedBy(
            List<HostRow> newRows, List<WebhookStates.Row> newWebhooks, Collection<ProbeWish> newWishes) {
        HostTable next = new HostTable(newRows, membership, webhooks.followedBy(newWebhooks), newWishes);
        for (long owner : callableByOwner.keySet()) {
            next.expect(owner);
        }
        return next;
    }

    @Override
    public boolean isEmpty() {
        return rows.isEmpty();
    }

    @Override
    public HostTerms of(String origin) {
        if (rows.isEmpty()) {
            return HostTerms.NONE;
        }
        HostTerms known = termsByOrigin.get(origin);
        if (known != null) {
            return known;
        }
        HostTerms terms = terms(matches(origin));
        if (termsByOrigin.size() >= MAX_REMEMBERED) {
            termsByOrigin.clear();
        }
        termsByOrigin.put(origin, terms);
        return terms;
    }

    @Override
    public Set<String> secretNames() {
        return secretNames;
    }

    @Override
    public Set<ProbeWish> probeWishes() {
        return probeWishes;
    }

    @Override
    public boolean concern(Set<ProbeWish> wishes, String origin) {
        HostRanks ranksOfWishes =
                new HostRanks(wishes.stream().map(ProbeWish::pattern).toList());
        return IntStream.of(ranks(ranksOfWishes, origin)).anyMatch(rank -> rank > 0);
    }

    @Override
    public void expect(long owner) {
        if (!callableByOwner.containsKey(owner)) {
            callableByOwner.put(owner, callable(owner));
        }
    }

    @Override
    public boolean mayCall(long owner, HostTerms terms) {
        return terms.rolesRule().isEmpty()
                || callableByOwner.getOrDefault(owner, Set.of()).contains(terms.rolesRule());
    }

    @Override
    public Optional<String> refusalOf(long owner, String webhook) {
        return webhooks.refusalOf(owner, webhook);
    }

    @Override
    public void gone(long owner, String webhook) {
        webhooks.gone(owner, webhook);
    }

    /** How many origins are remembered. */
    int remembered() {
        return termsByOrigin.size();
    }

    private Set<String> callable(long owner) {
        Set<String> callable = new HashSet<>();
        for (HostRow row : rowsWithRoles) {
            if (membership.hasRightsOfAny(owner, row.roles().orElseThrow())) {
                callable.add(row.pattern());
            }
        }
        return callable;
    }

    /** The rows that are about an origin, the most specific one first. */
    private List<HostRow> matches(String origin) {
        int[] rankOfRow = ranks(ranks, origin);
        return IntStream.range(0, rankOfRow.length)
                .filter(i -> rankOfRow[i] > 0)
                .mapToObj(i -> new Match(rows.get(i), rankOfRow[i]))
                .sorted(Comparator.comparingInt(Match::rank).reversed())
                .map(Match::row)
                .toList();
    }

    private static int[] ranks(HostRanks patterns, String origin) {
        int host = origin.indexOf("://") + 3;
        int colon = origin.lastIndexOf(':');
        boolean isParsed = host > 2 && colon >= host;
        // Of a URL that cannot be parsed nothing but the pattern of all hosts can be said.
        return patterns.of(isParsed ? origin.substring(host, colon) : "", isParsed ? port(origin, colon) : 0);
    }

    private static int port(String origin, int colon) {
        try {
            return Integer.parseInt(origin.substring(colon + 1));
        } catch (NumberFormatException none) {
            return 0;
        }
    }

    private static HostTerms terms(List<HostRow> matches) {
        return new HostTerms(
                first(matches, HostRow::policy),
                number(first(matches, HostRow::timeoutMillis)),
                number(first(matches, HostRow::connectTimeoutMillis)),
                number(first(matches, HostRow::maxInFlight)),
                first(matches, HostRow::rate),
                first(matches, HostRow::breaker),
                first(matches, HostRow::store),
                first(matches, HostRow::headersJson).orElse(""),
                first(matches, row -> row.roles().map(roles -> row.pattern())).orElse(""),
                first(matches, HostRow::tls).orElse(TlsFiles.NONE),
                first(matches, HostRow::paused).orElse(false));
    }

    private static <T> Optional<T> first(List<HostRow> rows, Function<HostRow, Optional<T>> part) {
        return rows.stream().map(part).flatMap(Optional::stream).findFirst();
    }

    private static OptionalInt number(Optional<Integer> value) {
        return value.map(OptionalInt::of).orElseGet(OptionalInt::empty);
    }
}
