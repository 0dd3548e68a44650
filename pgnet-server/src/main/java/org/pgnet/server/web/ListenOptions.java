package org.pgnet.server.web;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Where the page listens, and how.
 *
 * @param names of this site beside localhost and its addresses, as they stand in Host headers
 * @param tls certificate and key; without them only loopback is listened on, unless it is said that this is known to be insecure
 */
public record ListenOptions(InetAddress address, int port, Set<String> names, Optional<Tls> tls, boolean insecure) {
    /** Files in PEM format: the certificate with its chain, and its key in PKCS #8. */
    public record Tls(Path certificate, Path key) {}

    public ListenOptions {
        names = Set.copyOf(names);
        if (!address.isLoopbackAddress() && tls.isEmpty() && !insecure) {
            throw new IllegalArgumentException(
                    "passwords would cross the network in clear: give --tls-certificate and --tls-key,"
                            + " or --insecure when something else encrypts it");
        }
    }

    InetSocketAddress socketAddress() {
        return new InetSocketAddress(address, port);
    }

    boolean isEncrypted() {
        return tls.isPresent();
    }
}
