package org.pgnet.curl;

/**
 * Which hosts may be called: patterns separated by commas. hosts.c reads them the same way for sessions. {@code *} is every
 * host, {@code *.example.com} every name below example.com; anything else is a name or an address. Any thread.
 */
public final class HostPatterns {

    /** Every host. */
    public static final String ALL = "*";

    private final String text;
    private final byte[] patterns;

    public HostPatterns(String patterns) {
        CurlLibrary.initialise();
        this.text = patterns;
        this.patterns = CString.of(patterns);
    }

    /** The patterns as given. */
    public String text() {
        return text;
    }

    /**
     * Whether a host may be called.
     *
     * @param host as {@link CurlUrl#host} gives it
     */
    public boolean allow(String host) {
        return text.equals(ALL)
                || (CString.isPossible(host) && LibPgnet.pgnet_hosts_allow(patterns, CString.of(host)) != 0);
    }
}
