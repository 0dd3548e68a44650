package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.http.RawServer;
import org.pgnet.testkit.session.Session;

/** A host name leads to every address that it has, of either version of IP. */
class AddressIT {
    private static PgCluster cluster;
    private static Session caller;
    private static RawServer server;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(hasIpv6(), "this machine has no address ::1");
        server = RawServer.startOn("::1");
        server.reply("/", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere");
        cluster = PgCluster.withExtension();
        caller = cluster.session();
    }

    @AfterAll
    static void stop() throws SQLException {
        if (cluster != null) {
            caller.close();
            cluster.close();
            server.close();
        }
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
