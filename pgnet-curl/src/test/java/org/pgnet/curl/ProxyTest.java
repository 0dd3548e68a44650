package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyTest {
    /** CURLOPT_PROXY(3), "Environment variables". */
    @ParameterizedTest
    @ValueSource(strings = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
    void environmentThatNamesAProxyIsAsked(String variable) {
        assertThat(Proxy.of(Set.of("PATH", variable))).isEqualTo(new Proxy.FromEnvironment());
    }

    @Test
    void environmentThatNamesNoneIsNotAsked() {
        assertThat(Proxy.of(Set.of("PATH", "no_proxy", "NO_PROXY"))).isEqualTo(new Proxy.None());
    }
}
