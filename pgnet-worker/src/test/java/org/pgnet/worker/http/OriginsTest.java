package org.pgnet.worker.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OriginsTest {
    private final Origins origins = new Origins();

    @Test
    void portAndCaseAndUserDoNotMakeAnotherOrigin() {
        String origin = origins.of("http://example.com/a");

        assertThat(origin).isEqualTo("http://example.com:80");
        assertThat(origins.of("HTTP://Example.COM:80?b#c")).isEqualTo(origin);
        assertThat(origins.of("http://user:pass@example.com")).isEqualTo(origin);
    }

    @Test
    void schemeAndPortMakeAnotherOrigin() {
        assertThat(origins.of("https://example.com/")).isEqualTo("https://example.com:443");
        assertThat(origins.of("http://example.com:81/")).isEqualTo("http://example.com:81");
    }

    @Test
    void urlThatLibcurlRefusesHasAnOriginOfItsOwnKind() {
        assertThat(origins.of("http://bad host/a")).isEqualTo("http://bad host");
        assertThat(origins.of("nonsense")).isEmpty();
        assertThat(origins.of("")).isEmpty();
    }

    @Test
    void slashesThatLibcurlForgivesAreParsedByIt() {
        assertThat(origins.of("http:///example.com/a")).isEqualTo("http://example.com:80");
    }

    @Test
    void longUserIsNotRemembered() {
        for (int i = 0; i < 100; i++) {
            String user = "u" + i + "x".repeat(60_000);
            assertThat(origins.of("http://" + user + "@example.com/a")).isEqualTo("http://example.com:80");
        }
        assertThat(origins.remembered()).isZero();
    }

    @Test
    void longOriginIsShortAndYetItsOwn() {
        String host = "a".repeat(60_000);
        String origin = origins.of("http://" + host + "/");

        assertThat(origin).hasSizeLessThan(100).isEqualTo(origins.of("http://user@" + host + ":80/b"));
        assertThat(origins.of("http://" + host + "b/")).isNotEqualTo(origin);
        assertThat(origins.of("http://bad " + host + "/a")).hasSizeLessThan(100);
    }

    @Test
    void rememberedIsABoundedNumber() {
        for (int i = 0; i < 10_000; i++) {
            origins.of("http://h" + i + "/");
        }
        assertThat(origins.remembered()).isLessThanOrEqualTo(2_048);
    }

    @Test
    void pathIsWhatIsBetweenOriginAndQuery() {
        assertThat(Origins.path("https://user@example.com:8443/a/b;c?d=/e#f")).isEqualTo("/a/b;c");
        assertThat(Origins.path("https://example.com/a#b?c")).isEqualTo("/a");
        assertThat(Origins.path("https://example.com")).isEqualTo("/").isEqualTo(Origins.path("https://example.com?b"));
        assertThat(Origins.path("https://example.com/?b")).isEqualTo("/");
        assertThat(Origins.path("")).isEqualTo("/");
        assertThat(Origins.path("https://h/" + "a".repeat(60_000)))
                .hasSize(Origins.LONGEST_READ - "https://h".length());
    }
}
