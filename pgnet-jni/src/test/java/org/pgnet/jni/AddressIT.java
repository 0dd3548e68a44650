package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.http.RawServer;
import org.pgnet.testkit.session.Session;

/** A host name leads to every address that it has, of either version of IP. */
@PgNetTest
@EnabledIf(value = "hasIpv6", disabledReason = "this machine has no address ::1")
class AddressIT {
    @Given
    private static Session caller;

    private static RawServer server;

    @BeforeAll
    static void start() throws Exception {
        server = RawServer.startOn("::1");
        server.reply("/", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void localhostThatOnlyAnswersOnIpv6IsReached() throws SQLException {
        assertThat(caller.fetch(server.url("localhost", "/")).content()).contains("here");
    }

    @Test
    void addressOfIpv6IsReached() throws SQLException {
        assertThat(caller.fetch(server.url("[::1]", "/")).content()).contains("here");
        assertThat(caller.fetch(server.url("127.0.0.1", "/")).error()).contains("Couldn't connect to server");
    }

    private static boolean hasIpv6() throws Exception {
        try {
            return NetworkInterface.getByInetAddress(InetAddress.getByName("::1")) != null;
        } catch (SocketException none) {
            return false;
        }
    }
}
