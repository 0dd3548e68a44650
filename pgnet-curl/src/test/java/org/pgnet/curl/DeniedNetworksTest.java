package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.machine.FreePort;

/** Addresses that the loop is kept from, judged on the connection itself. */
class DeniedNetworksTest extends LoopTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.0.1, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "127.0.0.8/29, 127.0.0.15, true",
        "127.0.0.8/29, 127.0.0.16, false",
        "127.0.0.9, 127.0.0.9, true",
        "127.0.0.9, 127.0.0.8, false",
        "0.0.0.0/0, 203.0.113.1, true",
        "0.0.0.0/0, 2001:db8::1, false",
        "fe80::/10, febf::1, true",
        "fe80::/10, fec0::1, false",
        "fe80::/10, fe80::1%eth0, true",
        "2001:db8::1, 2001:DB8:0:0:0:0:0:1, true",
        "::/0, 2001:db8::1, true",
        "::/0, 127.0.0.1, false",
        // The forms in which IPv6 has IPv4 addresses.
        "127.0.0.0/8, ::ffff:127.0.0.9, true",
        "127.0.0.0/8, ::ffff:7f00:9, true",
        "127.0.0.0/8, ::127.0.0.9, true",
        "127.0.0.0/8, ::1, false",
        "::ffff:127.0.0.0/104, 127.0.0.9, true",
        "::/0, ::ffff:127.0.0.9, true",
        // Translation (RFC 6052, 8215, 2765) and tunnels (6to4, Teredo) lead there too.
        "127.0.0.0/8, 64:ff9b::127.0.0.9, true",
        "127.0.0.0/8, 64:ff9b:1:2::7f00:9, true",
        "127.0.0.0/8, 64:ff9b:2::7f00:9, false",
        "127.0.0.0/8, ::ffff:0:7f00:9, true",
        "127.0.0.0/8, 2002:7f00:9::1, true",
        "127.0.0.0/8, 2003:7f00:9::1, false",
        "127.0.0.0/8, 2001:0:1:2:3:4:80ff:fff6, true",
        "127.0.0.0/8, 2001:1:1:2:3:4:80ff:fff6, false",
        "64:ff9b::/96, 64:ff9b::1.2.3.4, true",
        "192.0.2.0/24, 64:ff9b::198.51.100.1, false",
        // Linux takes the unspecified address for this machine.
        "127.0.0.0/8, 0.0.0.0, true",
        "127.0.0.0/8, ::ffff:0.0.0.0, true",
        "::1, ::, true",
        "10.0.0.0/8, 0.0.0.0, false",
    })
    void networkContainsAddress(String network, String address, boolean contained) {
        try (DeniedNetworks denied = new DeniedNetworks()) {
            denied.set("192.0.2.0/24, " + network + "\n,");
            assertThat(denied.contains(address)).isEqualTo(contained);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.0/33",
                "10.0.0.1/8",
                "10.0.0/8",
                "010.0.0.0/8",
                "10.0.0.0/",
                "10.0.0.0/-1",
                "10.0.0.0/8x",
                "fe80::/129",
                "fe80::1/10",
                "[::1]",
                "localhost",
                "0x7f.1",
                "10.0.0.0/0008",
                "1.2.3.4, x",
                "\0"
            })
    void whatIsNoNetworkIsRefusedAndChangesNothing(String networks) {
        try (DeniedNetworks denied = new DeniedNetworks()) {
            denied.set("10.0.0.0/8");
            assertThatThrownBy(() -> denied.set(networks)).isInstanceOf(CurlException.class);
            assertThat(denied.contains("10.0.0.1")).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "2130706433",
                "0x7f000001",
                "0x7f.1",
                "017700000001",
                "0177.0.0.1",
                "127.1",
                "u:p@127.0.0.1",
                "127%2e0.0.1",
                "[::ffff:127.0.0.1]",
                "[::ffff:7f00:1]",
                "[0:0:0:0:0:ffff:7f00:1]"
            })
    void everyFormOfADeniedAddressIsRefused(String host) {
        loop.deniedNetworks("127.0.0.0/29");

        Received received = send(get(onHost(host)));

        assertThat(received.failed()).isTrue();
        assertThat(received.errorText())
                .matches("address (::ffff:)?127\\.0\\.0\\.1 is denied by "
                        + "pg_net\\.denied_networks \\(127\\.0\\.0\\.0/29\\)");
        assertThat(server.requests()).isEmpty();
        assertThat(server.connections()).isZero();
    }

    @Test
    void otherAddressesAreReached() {
        loop.deniedNetworks("127.0.0.8/29, fe80::/10");

        assertThat(send(get(onHost("127.0.0.1"))).body()).isEqualTo("ok");
    }

    @Test
    void nameWithOneDeniedAddressLeadsToTheOther() {
        loop.deniedNetworks("::1");

        assertThat(send(get(onHost("localhost"))).body()).isEqualTo("ok");
    }

    @Test
    void nameWhoseAddressesAreAllDeniedIsRefused() {
        loop.deniedNetworks("::1, 127.0.0.0/8");

        assertThat(send(get(onHost("localhost"))).errorText())
                .matches("address (::1|127\\.0\\.0\\.1) is denied by pg_net\\.denied_networks \\(.*\\)");
        assertThat(server.connections()).isZero();
    }

    @Test
    void failureOfAnAllowedAddressIsToldAsItIs() throws IOException {
        loop.deniedNetworks("::1");
        int port = FreePort.next();

        assertThat(send(get("http://localhost:" + port + "/")).errorText()).isEqualTo("Couldn't connect to server");
    }

    @Test
    void keptConnectionIsJudgedByTheNetworksOfNow() {
        String url = onHost("127.0.0.1");
        assertThat(send(get(url)).body()).isEqualTo("ok");
        assertThat(send(get(url)).body()).isEqualTo("ok");
        assertThat(server.connections()).as("connections").isEqualTo(1);

        loop.deniedNetworks("127.0.0.0/8");

        assertThat(send(get(url)).errorText())
                .isEqualTo("address 127.0.0.1 is denied by pg_net.denied_networks (127.0.0.0/8)");
        assertThat(server.requests()).hasSize(2);

        loop.deniedNetworks("");

        assertThat(send(get(url)).body()).isEqualTo("ok");
    }

    @Test
    void refusalIsNotRememberedByTheNextTransferOnTheHandle() {
        loop.deniedNetworks("127.0.0.0/8");
        send(get(onHost("127.0.0.1")));
        loop.deniedNetworks("");
        String dropped = server.on("/drop", (request, out) -> false);

        assertThat(send(get(dropped)).errorText()).isEqualTo("Server returned nothing (no headers, no data)");
    }

    @Test
    void proxyIsUsedForEveryHost() {
        server.on("http://a.invalid/x", OK);
        loop.proxy(new Proxy.At("http://" + onHost("127.0.0.1").split("/")[2]));

        assertThat(send(get("http://a.invalid/x")).body()).isEqualTo("ok");

        loop.proxy(new Proxy.None());
        assertThat(send(get(onHost("127.0.0.1"))).body()).isEqualTo("ok");
        assertThat(server.requests().get(1).line()).startsWith("GET / ");
    }

    /** The server's address by another name of its host. */
    private String onHost(String host) {
        return server.on("/", OK).replace("127.0.0.1", host);
    }
}
