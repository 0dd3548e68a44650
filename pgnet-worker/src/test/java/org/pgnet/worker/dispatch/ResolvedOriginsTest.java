package org.pgnet.worker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResolvedOriginsTest {
    private final ResolvedOrigins resolved = new ResolvedOrigins();

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:80", "https://10.0.0.1", "http://[::1]:8080", "https://[fe80::1]"})
    void addressNeedsNoLookup(String origin) {
        assertThat(resolved.contains(origin)).isTrue();
    }

    /** Origins of URLs that cannot be parsed are any text. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://example.com:80",
                "http://:80",
                "http://[::1",
                "http://[::1]x",
                "1.2.3.4",
                "http://1:2:3",
                "http://1.2.3.4:",
                "http://1.2.3.4x:80",
                "http://[::1]:8x",
                "http://",
                "://1.2.3.4",
                ""
            })
    void anythingElseDoes(String origin) {
        assertThat(resolved.contains(origin)).isFalse();
        resolved.add(origin);
        assertThat(resolved.contains(origin)).isTrue();
    }
}
