package org.pgnet.testkit.machine;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A network namespace behind a virtual cable that takes every packet and answers none. */
public final class BlackHole implements AutoCloseable {
    /** Why there is none, for a test that is skipped. */
    public static final String NEEDS = "needs root and iproute2, to make a network namespace";

    /** Of the block for benchmarks, RFC 2544: no other network has it. */
    private static final String HERE = "198.19.251.1/30";

    private static final String THERE = "198.19.251.2";

    private final String name = "pgnet" + ProcessHandle.current().pid();

    /** Makes the namespace and the cable. */
    public BlackHole() {
        ip("netns add " + name);
        try {
            ip("link add " + name + " type veth peer name end netns " + name);
            ip("-n " + name + " link set end up");
            ip("addr add " + HERE + " dev " + name);
            ip("link set " + name + " up");
            // Packets go out without a question who is there.
            ip("neigh add " + THERE + " lladdr 02:00:00:00:00:01 dev " + name + " nud permanent");
        } catch (AssertionError e) {
            close();
            throw e;
        }
    }

    /** Whether this machine lets one be made. */
    public static boolean isPossible() {
        try {
            ip("netns add pgnet-trial");
            ip("netns delete pgnet-trial");
            return true;
        } catch (AssertionError | java.io.UncheckedIOException notPermitted) {
            return false;
        }
    }

    /** An address from which nothing comes back. */
    public String url(int port) {
        return "http://" + THERE + ":" + port + "/";
    }

    /** The cable goes with the namespace. */
    @Override
    public void close() {
        ip("netns delete " + name);
    }

    private static void ip(String arguments) {
        Command.run(Path.of("/"), Map.of(), List.of(("ip " + arguments).split(" ")));
    }
}
