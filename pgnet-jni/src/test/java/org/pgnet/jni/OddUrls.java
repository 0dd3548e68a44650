package org.pgnet.jni;

import java.util.List;
import java.util.Random;
import org.pgnet.testkit.machine.Resolver;

/** URLs as a fuzzer makes them: of parts that are legal or nearly, put together and then damaged by chance. */
final class OddUrls {
    /** Everything but 127.0.0.0/8 and ::/8: for pg_net.denied_networks, since no URL may lead there. */
    static final String OUTSIDE = "0.0.0.0/2, 64.0.0.0/3, 96.0.0.0/4, 112.0.0.0/5, 120.0.0.0/6, 124.0.0.0/7,"
            + " 126.0.0.0/8, 128.0.0.0/1, 100::/8, 200::/7, 400::/6, 800::/5, 1000::/4, 2000::/3, 4000::/2, 8000::/1";

    private static final List<String> SCHEMES = List.of(
            "http://",
            "https://",
            "HTTP://",
            "http:/",
            "http:",
            "http:///",
            "//",
            "",
            "ftp://",
            "file:///",
            "http\\\\");
    private static final List<String> USERS =
            List.of("", "", "", "user@", "user:pass@", ":@", "@", "a@b@", "%00:%0a@", "%@");
    private static final List<String> HOSTS = List.of(
            "127.0.0.1",
            "localhost",
            "127.1",
            "2130706433",
            "0x7f.1",
            "0177.0.0.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::1",
            "[::1%25lo]",
            "unknown.test",
            "unknown..test",
            ".test",
            "unknown-\u00fc.test",
            "unknown-\u540d.test",
            "%31%32%37.0.0.1",
            "unknown%2etest",
            "unknown test",
            "unknown\u3002test",
            "xn--unknown-.test",
            "",
            "-",
            "unknown_.test");
    private static final List<String> PATHS = List.of(
            "/",
            "",
            "/get",
            "/get?x=\u00e9",
            "/a b",
            "/%",
            "/%zz",
            "/%00",
            "/../../etc",
            "/get#\u2028",
            "?",
            "#",
            "/;a=b",
            "/\\..\\",
            "/\u202e",
            "/%ff%fe",
            "//",
            "/a\tb",
            "/a\r\nX: y",
            "/'\"<>",
            "/{a}[b]|^`");

    private final Random random;
    private final List<String> ports;

    OddUrls(Random random, int port) {
        this.random = random;
        this.ports =
                List.of(":" + port, ":" + port, ":" + port, ":0" + port, ":0", ":-1", ":65536", ":", ":x", ": " + port);
    }

    /** Leads to this machine or nowhere, given a {@link Resolver} and {@link #OUTSIDE}. */
    String next() {
        StringBuilder url = new StringBuilder(pick(SCHEMES) + pick(USERS) + pick(HOSTS) + pick(ports) + pick(PATHS));
        for (int damage = random.nextInt(3); damage > 0 && !url.isEmpty(); damage--) {
            damage(url);
        }
        return url.toString();
    }

    private void damage(StringBuilder url) {
        int at = random.nextInt(url.length());
        switch (random.nextInt(4)) {
            case 0 -> url.deleteCharAt(at);
            case 1 -> url.insert(at, (char) (1 + random.nextInt(0x2ff)));
            case 2 -> url.insert(at, url.substring(at).repeat(random.nextInt(40)));
            default -> url.setCharAt(at, (char) (1 + random.nextInt(127)));
        }
    }

    private String pick(List<String> parts) {
        return parts.get(random.nextInt(parts.size()));
    }
}
