package org.pgnet.server.database;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which database is meant and, where they are known, the role and its password: from a URL as libpq reads it, or from libpq's
 * environment variables.
 *
 * @param options of the connection, by pgjdbc's names
 */
public record ServerAddress(
        String host,
        int port,
        String database,
        Optional<String> role,
        Optional<String> password,
        Map<String, String> options) {
    private static final int DEFAULT_PORT = 5432;

    /** Others can name classes to load or files to write. */
    private static final Set<String> OPTIONS =
            Set.of("sslmode", "sslrootcert", "sslcert", "sslkey", "sslnegotiation", "channelBinding");

    private static final Map<String, String> OPTION_VARIABLES = Map.of(
            "PGSSLMODE", "sslmode",
            "PGSSLROOTCERT", "sslrootcert",
            "PGSSLCERT", "sslcert",
            "PGSSLKEY", "sslkey",
            "PGSSLNEGOTIATION", "sslnegotiation",
            "PGCHANNELBINDING", "channelBinding");

    public ServerAddress {
        options = Map.copyOf(options);
    }

    /**
     * Reads a URL, for what it leaves out the environment, and takes libpq's defaults for the rest; but 127.0.0.1 for the
     * host, since JDBC knows no Unix sockets.
     *
     * @throws IllegalArgumentException when the URL cannot be used; its message is for people and has no password
     */
    public static ServerAddress of(Optional<String> url, Map<String, String> environment) {
        URI uri = url.map(ServerAddress::parse).orElse(URI.create("postgresql:///"));
        Map<String, String> options = optionsOf(environment);
        options.putAll(optionsOf(uri));

        Optional<String> user = userInfo(uri, 0).or(() -> variable(environment, "PGUSER"));
        Optional<String> password = userInfo(uri, 1).or(() -> variable(environment, "PGPASSWORD"));
        String host = Optional.ofNullable(uri.getHost())
                .or(() -> variable(environment, "PGHOST"))
                .orElse("127.0.0.1");
        if (host.startsWith("/")) {
            throw new IllegalArgumentException("Unix sockets are not supported: name a host, like 127.0.0.1");
        }
        int port = uri.getPort() > 0
                ? uri.getPort()
                : variable(environment, "PGPORT").map(ServerAddress::port).orElse(DEFAULT_PORT);
        String database = Optional.of(uri.getPath().substring(1))
                .filter(name -> !name.isEmpty())
                .or(() -> variable(environment, "PGDATABASE"))
                .or(() -> user)
                .orElse("postgres");
        return new ServerAddress(host, port, database, user, password, options);
    }

    /** For pgjdbc. A password that is not known it looks up in the file of passwords, as libpq does. */
    public String jdbcUrl() {
        return "jdbc:postgresql://" + host + ":" + port + "/"
                + database.replace("%", "%25").replace("?", "%3F");
    }

    /** The options of a connection, but for role and password. */
    public Properties properties() {
        Properties properties = new Properties();
        properties.putAll(options);
        return properties;
    }

    /** For people: host, port and database. */
    public String shown() {
        return host + ":" + port + "/" + database;
    }

    private static URI parse(String url) {
        String plain = url.startsWith("jdbc:") ? url.substring("jdbc:".length()) : url;
        if (!plain.startsWith("postgresql://") && !plain.startsWith("postgres://")) {
            throw new IllegalArgumentException("the URL must begin with postgresql://");
        }
        try {
            URI uri = new URI(plain);
            if (uri.getHost() == null && !plain.matches("postgres(ql)?:///.*")) {
                throw new IllegalArgumentException(
                        "the URL must name one host, like postgresql://127.0.0.1:5432/postgres");
            }
            return uri.getPath().isEmpty() ? new URI(plain.replaceFirst("(\\?.*)?$", "/$1")) : uri;
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("the URL cannot be read: encode special characters, like @ as %40");
        }
    }

    private static Map<String, String> optionsOf(URI uri) {
        Map<String, String> options = new TreeMap<>();
        for (String pair : Optional.ofNullable(uri.getRawQuery()).orElse("").split("&")) {
            if (pair.isEmpty()) {
                continue;
            }
            String name = decode(pair.replaceFirst("=.*", ""));
            if (!OPTIONS.contains(name)) {
                throw new IllegalArgumentException("the URL has an option that is not supported: " + name);
            }
            options.put(name, decode(pair.replaceFirst("^[^=]*=?", "")));
        }
        return options;
    }

    private static Map<String, String> optionsOf(Map<String, String> environment) {
        Map<String, String> options = new HashMap<>();
        OPTION_VARIABLES.forEach(
                (variable, option) -> variable(environment, variable).ifPresent(value -> options.put(option, value)));
        return options;
    }

    private static Optional<String> userInfo(URI uri, int part) {
        return Optional.ofNullable(uri.getRawUserInfo())
                .map(info -> info.split(":", 2))
                .filter(parts -> parts.length > part && !parts[part].isEmpty())
                .map(parts -> decode(parts[part]));
    }

    private static Optional<String> variable(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
    }

    private static int port(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("PGPORT is not a number: " + text);
        }
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
