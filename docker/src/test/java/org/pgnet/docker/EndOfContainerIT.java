package org.pgnet.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Volume;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.pgnet.testkit.session.Session;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.LogMessageWaitStrategy;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** The container ends, killed or stopped, while requests are on their way. */
@Testcontainers(disabledWithoutDocker = true)
class EndOfContainerIT {
    private static final Network NETWORK = Network.newNetwork();

    /** Of the server's answer over /slow. */
    private static final Duration SLOW = Duration.ofSeconds(5);

    @Container
    private static final GenericContainer<?> ECHO = Images.echo(NETWORK);

    @Test
    void killedContainerLosesNoRequest() throws Exception {
        DockerClient engine = DockerClientFactory.lazyClient();
        String volume = engine.createVolumeCmd().exec().getName();
        try {
            try (PostgreSQLContainer first = database(volume)) {
                first.start();
                try (Session session = Images.session(first)) {
                    session.execute("SELECT net.http_get('" + Images.ECHO + "/slow', timeout_milliseconds := 60000)"
                            + " FROM generate_series(1, 40)");
                    session.execute("SELECT net.http_get('" + Images.ECHO + "/fast', timeout_milliseconds := 60000)"
                            + " FROM generate_series(1, 460)");
                    session.await("SELECT EXISTS (SELECT FROM net._http_response)", "t", SLOW.multipliedBy(6));
                }
                engine.killContainerCmd(first.getContainerId())
                        .withSignal("KILL")
                        .exec();
            }
            // Once, where a new cluster says it twice.
            LogMessageWaitStrategy ready = Wait.forLogMessage(".*ready to accept connections.*\\n", 1);
            try (PostgreSQLContainer second = database(volume).waitingFor(ready)) {
                second.start();
                try (Session session = Images.session(second)) {
                    session.await(
                            "SELECT count(*) FROM net._http_response WHERE status_code = 200",
                            "500",
                            SLOW.multipliedBy(12));
                    assertThat(session.text("SELECT count(DISTINCT id) || ' of ' || max(id) FROM net._http_response"))
                            .isEqualTo("500 of 500");
                    assertThat(session.text("SELECT count(*) FROM net.http_request_queue"))
                            .isEqualTo("0");
                }
            }
        } finally {
            engine.removeVolumeCmd(volume).exec();
        }
    }

    @Test
    void stoppedContainerWaitsForNoRequest() throws Exception {
        DockerClient engine = DockerClientFactory.lazyClient();
        try (PostgreSQLContainer database = Images.database().withNetwork(NETWORK)) {
            database.start();
            try (Session session = Images.session(database)) {
                session.text("SELECT net.wait_until_running()");
                session.execute("SELECT net.http_get('" + Images.ECHO + "/slow', timeout_milliseconds := 60000)");
                session.await("SELECT in_flight FROM net.stats", "1", SLOW.dividedBy(2));
                long start = System.nanoTime();
                engine.stopContainerCmd(database.getContainerId())
                        .withTimeout(60)
                        .exec();
                Duration taken = Duration.ofNanos(System.nanoTime() - start);
                System.out.println("docker stop took " + taken.toMillis() + " ms");

                assertThat(taken).isLessThan(SLOW);
                assertThat(database.getCurrentContainerInfo().getState().getExitCodeLong())
                        .isZero();
            }
        }
    }

    /** With its data on a volume that outlives the container. */
    private static PostgreSQLContainer database(String volume) {
        return Images.database()
                .withNetwork(NETWORK)
                .withEnv("PGDATA", "/kept/data")
                .withCreateContainerCmdModifier(
                        command -> command.getHostConfig().withBinds(new Bind(volume, new Volume("/kept"))));
    }
}
