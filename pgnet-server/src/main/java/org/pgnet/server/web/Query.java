package org.pgnet.server.web;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The parameters of a URL or of a form, in their order. */
public record Query(Map<String, List<String>> parameters) {
    public static final Query EMPTY = new Query(Map.of());

    /**
     * Reads what a browser sends.
     *
     * @throws IllegalArgumentException when a percent sign is not followed by two digits
     */
    public static Query parse(String encoded) {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        for (String pair : (encoded == null ? "" : encoded).split("&")) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                String name = equals < 0 ? pair : pair.substring(0, equals);
                String value = equals < 0 ? "" : pair.substring(equals + 1);
                parameters
                        .computeIfAbsent(decode(name), ignored -> new ArrayList<>())
                        .add(decode(value));
            }
        }
        return new Query(parameters);
    }

    /** The first value of a parameter that is not blank. */
    public Optional<String> value(String name) {
        return all(name).stream()
                .map(String::strip)
                .filter(value -> !value.isEmpty())
                .findFirst();
    }

    /** The value of a parameter as it was sent, blanks and all; empty when there is none. */
    public String exact(String name) {
        return all(name).stream().findFirst().orElse("");
    }

    public List<String> all(String name) {
        return parameters.getOrDefault(name, List.of());
    }

    /** A positive whole number. */
    public Optional<Long> number(String name) {
        return value(name).filter(text -> text.matches("\\d{1,18}")).map(Long::valueOf);
    }

    /** These parameters with another value for one of them; an empty one takes it away. */
    public Query with(String name, String value) {
        Map<String, List<String>> changed = new LinkedHashMap<>(parameters);
        if (value.isEmpty()) {
            changed.remove(name);
        } else {
            changed.put(name, List.of(value));
        }
        return new Query(changed);
    }

    /** As it stands in a URL, with the question mark; empty when there are no parameters. */
    public String encoded() {
        String pairs = parameters.entrySet().stream()
                .flatMap(entry -> entry.getValue().stream().map(value -> encode(entry.getKey()) + "=" + encode(value)))
                .collect(Collectors.joining("&"));
        return pairs.isEmpty() ? "" : "?" + pairs;
    }

    /** A text as it stands in a query. */
    public static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("%3A", ":")
                .replace("%2F", "/");
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
