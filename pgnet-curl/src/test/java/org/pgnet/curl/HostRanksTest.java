package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HostRanksTest {

    @Test
    void hostAndPortComesBeforeHostAndThatBeforeLongerAndShorterWildcards() {
        HostRanks ranks = new HostRanks(List.of(
                "*",
                "*:8443",
                "*.example.com",
                "*.example.com:8443",
                "*.b.example.com",
                "*.b.example.com:8443",
                "a.b.example.com",
                "a.b.example.com:8443"));

        assertThat(ranks.of("a.b.example.com", 8443)).isSorted().doesNotHaveDuplicates();
        assertThat(ranks.of("a.b.example.com", 8443)[0]).isPositive();
    }

    @Test
    void longestWildcardIsLessSpecificThanAName() {
        String label = "a".repeat(60) + ".";
        String longName = label.repeat(4) + "example";
        int[] ranks = new HostRanks(List.of("*" + longName.substring(1 + 59), longName)).of(longName, 80);
        assertThat(ranks[0]).isPositive().isLessThan(ranks[1]);
    }

    @Test
    void portsAndAddressesAreCompared() {
        HostRanks ranks = new HostRanks(
                List.of("::1", "[::1]:8080", "[0::1]:80", "127.0.0.1:8080", "127.0.0.1", "Localhost.:8080", "*.1"));

        assertThat(meant(ranks.of("[::1]", 8080))).containsExactly(0, 1);
        assertThat(meant(ranks.of("127.0.0.1", 80))).containsExactly(4);
        assertThat(meant(ranks.of("LOCALHOST", 8080))).containsExactly(5);
        assertThat(meant(ranks.of("localhost", 80))).isEmpty();
    }

    @Test
    void whatIsNoPatternMeansNothing() {
        HostRanks ranks = new HostRanks(List.of("", "a:", "a:0", "a:65536", "*.", "[*]", "a b", "a:80:80"));

        assertThat(meant(ranks.of("a", 80))).isEmpty();
        assertThat(meant(ranks.of("", 0))).isEmpty();
        assertThat(meant(ranks.of("a\0b", 80))).isEmpty();
    }

    @Test
    void hostThatCannotBeReadIsOneOfAll() {
        assertThat(meant(new HostRanks(List.of("*", "*.a", "a")).of("", 0))).containsExactly(0);
    }

    private static List<Integer> meant(int[] ranks) {
        return IntStream.range(0, ranks.length)
                .filter(i -> ranks[i] > 0)
                .boxed()
                .toList();
    }
}
