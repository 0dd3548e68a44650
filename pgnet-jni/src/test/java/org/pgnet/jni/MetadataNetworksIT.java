package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.testkit.Given;
import org.pgnet.testkit.PgNetTest;
import org.pgnet.testkit.cluster.PgCluster;
import org.pgnet.testkit.cluster.PgInstallation;
import org.pgnet.testkit.session.Session;

/** No request reaches a cloud's metadata service unless a DBA allows it. Nothing is sent: no socket is opened. */
@PgNetTest
class MetadataNetworksIT {
    @Given
    private static PgCluster cluster;

    @Given
    private static Session caller;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "169.254.169.254",
                "169.254.170.2",
                "[fe80::a9fe:a9fe]",
                "[fd00:ec2::254]",
                "[fd00:ec2::23]",
                "[fd20:ce::254]",
                "168.63.129.16",
                "100.100.100.200",
                "[fd00:100::100:200]",
                "192.0.0.192",
                "[fd00:c1::a9fe:a9fe]",
                "192.80.8.124",
                "[fd00:a9fe:a9fe::1]",
                "[fd00:42::42]",
                // The same by translation and tunnels.
                "[::ffff:169.254.169.254]",
                "[::ffff:100.100.100.200]",
                "[64:ff9b::a9fe:a9fe]",
                "[64:ff9b:1::a9fe:a9fe]",
                "[::ffff:0:a9fe:a9fe]",
                "[2002:a9fe:a9fe::1]",
                "[2001:0:1:2:3:4:5601:5601]"
            })
    void metadataServiceIsDeniedByDefault(String host) throws SQLException {
        assertThat(caller.fetch("http://" + host + "/latest/meta-data").error())
                .hasValueSatisfying(error -> assertThat(error).contains("is denied by pg_net.denied_networks"));
    }

    @Test
    void sourceOfEachNetworkIsNamed() throws SQLException, IOException {
        String page = Files.readString(PgInstallation.checkout().resolve("docs/security.md"));

        assertThat(caller.text("SHOW pg_net.denied_networks").split(", "))
                .hasSizeGreaterThan(8)
                .allSatisfy(network -> assertThat(page).contains("`" + network + "`"));
    }
}
