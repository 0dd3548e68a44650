package org.pgnet.worker.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.pgnet.worker.spi.HostTerms;
import org.pgnet.worker.spi.ProbeWish;
import org.pgnet.worker.spi.RateLimit;
import org.pgnet.worker.spi.TlsFiles;

class HostTableTest {
    private static final String ORIGIN = "https://api.example.com:8443";

    /** Owner 7 is a member of what is in here. */
    private final Set<String> rolesOfSeven = new HashSet<>();

    private final Membership membership = (owner, roles) -> owner == 7 && rolesOfSeven.contains(roles);

    @Test
    void withoutRowsNothingHolds() {
        assertThat(new HostTable(List.of(), membership).of(ORIGIN)).isEqualTo(HostTerms.NONE);
        assertThat(new HostTable(List.of(row("other.example").build()), membership).of(ORIGIN))
                .isEqualTo(HostTerms.NONE);
    }

    @Test
    void eachPartIsOfTheMostSpecificRowThatHasIt() {
        HostTable table = new HostTable(
                List.of(
                        row("*").policy("of all")
                                .timeout(1)
                                .maxInFlight(1)
                                .paused(true)
                                .store("all")
                                .build(),
                        row("*.example.com")
                                .policy("of wildcard")
                                .timeout(2)
                                .maxInFlight(2)
                                .store("status")
                                .build(),
                        row("api.example.com")
                                .policy("of name")
                                .timeout(3)
                                .rate(5)
                                .build(),
                        row("api.example.com:8443")
                                .policy("of port")
                                .headers("{}")
                                .build()),
                membership);

        HostTerms terms = table.of(ORIGIN);
        assertThat(terms.policy()).contains("of port");
        assertThat(terms.headersJson()).isEqualTo("{}");
        assertThat(terms.timeoutMillis()).isEqualTo(OptionalInt.of(3));
        assertThat(terms.rate()).contains(new RateLimit("api.example.com", 5, 5));
        assertThat(terms.maxInFlight()).isEqualTo(OptionalInt.of(2));
        assertThat(terms.store()).contains("status");
        assertThat(terms.paused()).isTrue();
        assertThat(terms.hasBreaker(false)).isFalse();
        assertThat(table.of("http://api.example.com:80").policy()).contains("of name");
        assertThat(table.of("http://b.example.com:80").policy()).contains("of wildcard");
        assertThat(table.of("http://example.com:80").policy()).contains("of all");
    }

    @Test
    void falseInASpecificRowCountsMoreThanTrueInAWiderOne() {
        HostTable table = new HostTable(
                List.of(
                        row("*").paused(true).build(),
                        row("api.example.com").paused(false).build()),
                membership);

        assertThat(table.of(ORIGIN).paused()).isFalse();
        assertThat(table.of("http://other.example:80").paused()).isTrue();
    }

    @Test
    void filesForTlsAreOneGroup() {
        HostTable table = new HostTable(
                List.of(
                        row("*").tls(new TlsFiles("/ca", "/certificate", "/key"))
                                .build(),
                        row("api.example.com").tls(new TlsFiles("/own", "", "")).build()),
                membership);

        assertThat(table.of(ORIGIN).tls()).isEqualTo(new TlsFiles("/own", "", ""));
    }

    @Test
    void originThatCannotBeReadIsOneOfAll() {
        HostTable table = new HostTable(
                List.of(
                        row("*").policy("of all").build(),
                        row("a").policy("of a").build()),
                membership);

        assertThat(List.of("sha-256:00", "", "://", "http://a", "a:80"))
                .allSatisfy(origin -> assertThat(table.of(origin).policy()).contains("of all"));
    }

    @Test
    void ownerMayCallWhereItHasTheRightsOfARole() {
        HostTable table = new HostTable(
                List.of(
                        row("*.example.com").roles("{app}").build(),
                        row("api.example.com").roles("{ops}").build()),
                membership);
        rolesOfSeven.add("{app}");
        table.expect(7);
        table.expect(8);

        assertThat(table.mayCall(7, table.of("http://b.example.com:80"))).isTrue();
        assertThat(table.mayCall(8, table.of("http://b.example.com:80"))).isFalse();
        assertThat(table.mayCall(7, table.of(ORIGIN))).isFalse();
        assertThat(table.mayCall(8, table.of("http://other.example:80"))).isTrue();
    }

    @Test
    void membershipsOfOwnersThatWereSeenAreThoseOfTheNextState() {
        HostRow row = row("*").roles("{app}").build();
        HostTable before = new HostTable(List.of(row), membership);
        before.expect(7);
        rolesOfSeven.add("{app}");
        assertThat(before.mayCall(7, before.of(ORIGIN))).isFalse();

        HostTable after = before.followedBy(List.of(row), List.of(), List.of());
        assertThat(after.mayCall(7, after.of(ORIGIN))).isTrue();
        assertThat(after.mayCall(8, after.of(ORIGIN))).as("it was never seen").isFalse();
    }

    @Test
    void wishesConcernTheHostsThatTheirPatternsMean() {
        HostTable table = new HostTable(List.of(), membership)
                .followedBy(
                        List.of(),
                        List.of(),
                        List.of(
                                new ProbeWish("api.example.com:8443", "then"),
                                new ProbeWish("*.other.example", "then"),
                                new ProbeWish("api.example.com:8443", "later")));

        assertThat(table.probeWishes()).hasSize(3);
        assertThat(table.concern(table.probeWishes(), ORIGIN)).isTrue();
        assertThat(table.concern(table.probeWishes(), "http://a.other.example:80"))
                .isTrue();
        assertThat(table.concern(table.probeWishes(), "http://api.example.com:80"))
                .isFalse();
        assertThat(table.concern(Set.of(), ORIGIN)).isFalse();
        assertThat(table.concern(Set.of(new ProbeWish("*", "")), "sha-256:00")).isTrue();
    }

    @Test
    void rememberedOriginsAreBounded() {
        HostTable table = new HostTable(List.of(row("*").paused(true).build()), membership);
        for (int i = 0; i < 10_000; i++) {
            assertThat(table.of("http://h" + i + ".example:80").paused()).isTrue();
        }
        assertThat(table.remembered()).isBetween(1, 4096);
    }

    @Test
    void requestsOfADroppedWebhookAreRefusedUntilThereIsOneOfItsNameAgain() {
        WebhookStates.Row orders = new WebhookStates.Row(0, "orders", Optional.empty());
        HostTable before = new HostTable(List.of(), (owner, roles) -> false);
        assertThat(before.refusalOf(7, "orders")).as("nothing is known yet").isEmpty();

        HostTable known = before.followedBy(List.of(), List.of(orders), List.of());
        assertThat(known.refusalOf(7, "orders")).isEmpty();
        assertThat(known.refusalOf(7, "restored unseen")).isEmpty();
        HostTable dropped =
                known.followedBy(List.of(), List.of(), List.of()).followedBy(List.of(), List.of(), List.of());
        assertThat(dropped.refusalOf(7, "orders")).contains("webhook \"orders\" was dropped");
        assertThat(dropped.followedBy(List.of(), List.of(orders), List.of()).refusalOf(7, "orders"))
                .isEmpty();
    }

    @Test
    void disabledWebhookSaysWhy() {
        HostTable table = new HostTable(List.of(), (owner, roles) -> false)
                .followedBy(List.of(), List.of(new WebhookStates.Row(7, "orders", Optional.of("by hand"))), List.of());

        assertThat(table.refusalOf(7, "orders")).contains("webhook \"orders\" is disabled: by hand");
        assertThat(table.refusalOf(8, "orders")).as("of another role").isEmpty();
    }

    private static Row row(String pattern) {
        return new Row(pattern);
    }

    /** A row that says little. */
    private static final class Row {
        private final String pattern;
        private Optional<String> policy = Optional.empty();
        private Optional<Integer> timeout = Optional.empty();
        private Optional<Integer> maxInFlight = Optional.empty();
        private Optional<RateLimit> rate = Optional.empty();
        private Optional<String> store = Optional.empty();
        private Optional<String> headers = Optional.empty();
        private Optional<String> roles = Optional.empty();
        private Optional<TlsFiles> tls = Optional.empty();
        private Optional<Boolean> paused = Optional.empty();

        Row(String pattern) {
            this.pattern = pattern;
        }

        Row policy(String value) {
            policy = Optional.of(value);
            return this;
        }

        Row timeout(int millis) {
            timeout = Optional.of(millis);
            return this;
        }

        Row maxInFlight(int value) {
            maxInFlight = Optional.of(value);
            return this;
        }

        Row rate(int perSecond) {
            rate = Optional.of(new RateLimit(pattern, perSecond, perSecond));
            return this;
        }

        Row store(String value) {
            store = Optional.of(value);
            return this;
        }

        Row headers(String json) {
            headers = Optional.of(json);
            return this;
        }

        Row roles(String value) {
            roles = Optional.of(value);
            return this;
        }

        Row tls(TlsFiles value) {
            tls = Optional.of(value);
            return this;
        }

        Row paused(boolean value) {
            paused = Optional.of(value);
            return this;
        }

        HostRow build() {
            return new HostRow(
                    pattern,
                    policy,
                    timeout,
                    Optional.empty(),
                    maxInFlight,
                    rate,
                    Optional.empty(),
                    store,
                    headers,
                    roles,
                    tls,
                    paused);
        }
    }
}
