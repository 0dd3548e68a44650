package org.pgnet.server.web;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which Host headers are answered: an address, localhost, and the names that the page was told are its own. A name that
 * somebody else points to this machine (DNS rebinding) is none of them.
 */
public final class HostCheck {
    private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+]");
    private static final Pattern PORT = Pattern.compile(":\\d{1,5}$");

    private final Set<String> names;

    /** @param own names of this site beside localhost */
    public HostCheck(Set<String> own) {
        names = Stream.concat(Stream.of("localhost"), own.stream())
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Whether a request with this header is answered; an empty one is not. */
    public boolean allows(String header, InetAddress ownAddress) {
        String host = PORT.matcher(header.toLowerCase(Locale.ROOT)).replaceFirst("");
        return names.contains(host) || ADDRESS.matcher(host).matches() && isOwn(host, ownAddress);
    }

    /** A loopback address may be that of a port that is forwarded here. */
    private static boolean isOwn(String literal, InetAddress ownAddress) {
        try {
            InetAddress address = InetAddress.getByName(literal);
            return address.isLoopbackAddress() || address.equals(ownAddress);
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
