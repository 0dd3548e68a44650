package org.pgnet.server.page;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A URL in its parts for people: where to, and what there. Neither needs to be a URL that could be sent. */
public record Place(String origin, String host, String path) {
    private static final Pattern URL = Pattern.compile("([^:/?#]+://)(?:[^/?#]*@)?([^/?#]*)(.*)", Pattern.DOTALL);
    private static final Pattern PORT = Pattern.compile(":\\d+$");

    /** Without user and password. */
    public static Place of(String url) {
        Matcher parts = URL.matcher(url);
        return parts.matches()
                ? new Place(parts.group(1) + parts.group(2), parts.group(2), parts.group(3))
                : new Place("", "", url);
    }

    /** The host as net.hosts and the filter want it: without a port, in lower case. */
    public String name() {
        return PORT.matcher(host).replaceFirst("").toLowerCase(Locale.ROOT);
    }
}
