package org.pgnet.worker.spi;

/**
 * The settings that say where requests may go. The texts are valid: they were checked when they were set.
 *
 * @param allowedHosts patterns of the hosts that may be called (pg_net.allowed_hosts)
 * @param deniedNetworks networks in CIDR notation that no request may connect to (pg_net.denied_networks)
 * @param proxy the URL of a proxy, empty for none of our own (pg_net.proxy)
 */
public record EgressSettings(String allowedHosts, String deniedNetworks, String proxy) {

    /** Everywhere, by whatever proxy the environment names. */
    public static final EgressSettings UNRESTRICTED = new EgressSettings("*", "", "");

    /** What is said where the two settings meet. */
    public static final String CONFLICT =
            "pg_net.denied_networks cannot be enforced through pg_net.proxy; one of the two must be empty";

    /** Whether all of it can be obeyed: behind a proxy nobody knows which address a host has. */
    public boolean isEnforceable() {
        return proxy.isBlank() || deniedNetworks.isBlank();
    }
}
