package org.pgnet.server.web;

import com.sun.net.httpserver.Headers;
import java.util.List;
import java.util.Optional;

/** The cookies of this site: no script reads them, no other site sends them, and with TLS they need TLS. */
final class Cookies {
    private final String session;
    private final String login;
    private final String attributes;

    /**
     * @param port of the site: cookies of different ports of a host are the same cookies
     * @param encrypted whether it is reached by TLS
     */
    Cookies(int port, boolean encrypted) {
        String prefix = encrypted ? "__Host-pgnet-" : "pgnet-";
        session = prefix + "session-" + port;
        login = prefix + "login-" + port;
        attributes = "; Path=/; HttpOnly; SameSite=Strict" + (encrypted ? "; Secure" : "");
    }

    Optional<String> session(Headers headers) {
        return find(headers, session);
    }

    Optional<String> login(Headers headers) {
        return find(headers, login);
    }

    String ofSession(String token) {
        return session + "=" + token + attributes;
    }

    String ofLogin(String token) {
        return login + "=" + token + attributes;
    }

    String withoutSession() {
        return session + "=; Max-Age=0" + attributes;
    }

    private static Optional<String> find(Headers headers, String name) {
        return headers.getOrDefault("Cookie", List.of()).stream()
                .flatMap(line -> List.of(line.split(";")).stream())
                .map(String::strip)
                .filter(pair -> pair.startsWith(name + "="))
                .map(pair -> pair.substring(name.length() + 1))
                .findFirst();
    }
}
