package org.pgnet.server.web;

import java.util.regex.Pattern;

/** Paths of this site, as opposed to whatever else a browser takes for a place to go. */
public final class LocalPath {
    /** One slash, since two begin a host; no backslash, which browsers read as a slash; no control characters. */
    private static final Pattern LOCAL = Pattern.compile("/(?![/\\\\])[\\x21-\\x5b\\x5d-\\x7e]{0,4000}");

    private LocalPath() {}

    public static boolean is(String path) {
        return LOCAL.matcher(path).matches();
    }

    public static String orFront(String path) {
        return is(path) ? path : "/";
    }
}
