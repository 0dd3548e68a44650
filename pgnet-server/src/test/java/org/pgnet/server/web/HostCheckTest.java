package org.pgnet.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostCheckTest {
    private final HostCheck hosts = new HostCheck(Set.of("pgnet.example.com"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "LOCALHOST:8432",
                "127.0.0.1:8432",
                "127.0.0.1",
                "[::1]:8432",
                "pgnet.example.com",
                "PGNET.example.com:443"
            })
    void answersItsOwnNames(String host) throws UnknownHostException {
        assertThat(hosts.allows(host, InetAddress.getByName("127.0.0.1"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "evil.example",
                "evil.example:8432",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "pgnet.example.com.evil.example",
                "10.1.2.3",
                "192.168.0.1:8432",
                "[fe80::1]",
                "0",
                "127.1",
                "2130706433",
                "localhost:8432:8432",
                "localhost@evil.example",
                "999.1.1.1"
            })
    void refusesOthers(String host) throws UnknownHostException {
        assertThat(hosts.allows(host, InetAddress.getByName("127.0.0.1"))).isFalse();
    }

    @Test
    void answersTheAddressThatItWasReachedAt() throws UnknownHostException {
        InetAddress own = InetAddress.getByName("192.0.2.7");
        assertThat(hosts.allows("192.0.2.7:8432", own)).isTrue();
        assertThat(hosts.allows("192.0.2.8:8432", own)).isFalse();
    }
}
