package org.pgnet.curl;

import java.util.List;

/**
 * How specific host patterns are; host_pattern.c decides the same way for sessions. {@code *} is every host, {@code
 * *.example.com} every name below example.com; else it is a name, or an address; each with or without a port. Any thread.
 */
public final class HostRanks {
    private final int count;
    private final byte[] patterns;

    /** @param patterns one that is none means no host */
    public HostRanks(List<String> patterns) {
        if (!patterns.isEmpty()) {
            CurlLibrary.initialise();
        }
        this.count = patterns.size();
        this.patterns = CString.of(String.join("\0", patterns));
    }

    /**
     * The rank of each pattern: 0 when it does not mean the host, else the more the greater. Of two different patterns that
     * mean a host, one is more specific.
     *
     * @param host as {@link CurlUrl#host} gives it
     */
    public int[] of(String host, int port) {
        int[] ranks = new int[count];
        if (count > 0 && CString.isPossible(host)) {
            LibPgnet.pgnet_host_ranks(patterns, count, CString.of(host), port, ranks);
        }
        return ranks;
    }
}
