package org.pgnet.testkit.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports of 127.0.0.1 for servers that start later, stop and come back, or never listen.
 *
 * <p>They lie below the range from which the kernel takes the ports of outgoing connections ({@code
 * ip_local_port_range}). One from inside it, as a socket bound to port 0 gets, may be the end of a connection of another
 * test by the time its server starts.
 */
public final class FreePort {
    private static final Path KERNEL_RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    private static final int LOWEST = 10_000;
    private static final int USUALLY = 32_768;
    private static final int BEYOND = beyond();
    /** At most so many test runs go on at the same time: each has ports of its own. */
    private static final int RUNS = 16;

    private static final int RUN = Integer.getInteger("surefire.forkNumber", 1) % RUNS;
    private static final int PORTS_OF_A_RUN = (BEYOND - LOWEST) / RUNS;
    private static final AtomicInteger NEXT =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(PORTS_OF_A_RUN));

    private FreePort() {}

    /** One that nobody listens on now, and that this process was not given lately. Thread-safe. */
    public static int next() {
        for (int tried = 0; tried < PORTS_OF_A_RUN; tried++) {
            int port = LOWEST + NEXT.getAndUpdate(at -> (at + 1) % PORTS_OF_A_RUN) * RUNS + RUN;
            if (isFree(port)) {
                return port;
            }
        }
        throw new AssertionError("no port of 127.0.0.1 between " + LOWEST + " and " + BEYOND + " is free");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }

    /** The first port of the kernel's range; where that leaves hardly any below, as if it began as it usually does. */
    private static int beyond() {
        try {
            int first = Files.exists(KERNEL_RANGE)
                    ? Integer.parseInt(Files.readString(KERNEL_RANGE).trim().split("\\s+")[0])
                    : 0;
            return first > LOWEST + 1_000 ? first : USUALLY;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
