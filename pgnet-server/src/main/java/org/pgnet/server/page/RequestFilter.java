package org.pgnet.server.page;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The one box above the requests: words like {@code host:api.example.com status:5xx owner:app older:10min}. What it cannot read
 * is said, and left out.
 *
 * @param conditions of SQL on the columns url, owner, method, status, created
 * @param arguments of their question marks, in order
 * @param id when the box has a number: the request of that id, and nothing else
 */
public record RequestFilter(List<String> conditions, List<Object> arguments, List<String> notes, Optional<Long> id) {
    private static final Pattern WORD = Pattern.compile("(?:([a-z]+):)?(\\S+)");
    private static final Pattern AGE = Pattern.compile("(\\d{1,6})\\s*(s|min|m|h|d)");
    private static final String HOST_OF_URL =
            "lower(substring(url, '^[^:/?#]+://(?:[^/?#]*@)?(\\[[^]/?#]*\\]|[^:/?#]*)') collate \"C\")";
    private static final Map<String, String> UNITS =
            Map.of("s", "seconds", "min", "minutes", "m", "minutes", "h", "hours", "d", "days");

    /** Reads the box. */
    public static RequestFilter parse(String text) {
        Builder builder = new Builder();
        Matcher words = WORD.matcher(text.replace('\0', ' '));
        while (words.find()) {
            builder.word(Optional.ofNullable(words.group(1)).orElse(""), words.group(2), words.group());
        }
        return builder.build();
    }

    public boolean isEmpty() {
        return conditions.isEmpty();
    }

    /** Whether it is about the URL, the method or the owner. */
    boolean needsDetails() {
        return conditions.stream().anyMatch(condition -> !condition.matches("(status|created|webhook) .*"));
    }

    /** As it stands after WHERE. */
    String sql() {
        return conditions.isEmpty() ? "true" : String.join(" and ", conditions);
    }

    private static final class Builder {
        private final List<String> conditions = new ArrayList<>();
        private final List<Object> arguments = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();
        private Optional<Long> id = Optional.empty();

        RequestFilter build() {
            return new RequestFilter(List.copyOf(conditions), List.copyOf(arguments), List.copyOf(notes), id);
        }

        void word(String key, String value, String whole) {
            switch (key) {
                case "host" -> host(value.toLowerCase(Locale.ROOT));
                case "status" -> status(value);
                case "owner" -> add("owner = (select oid from pg_roles where rolname = ?)", value);
                case "webhook" -> add("webhook = ?", value);
                case "method" -> add("upper(method) = upper(?)", value);
                case "older" -> age("created < now() - cast(? as interval)", value);
                case "newer" -> age("created >= now() - cast(? as interval)", value);
                default -> plain(whole);
            }
        }

        private void plain(String word) {
            if (word.matches("#?\\d{1,18}")) {
                id = Optional.of(Long.valueOf(word.replace("#", "")));
            } else {
                add("strpos(lower(url), lower(?)) > 0", word);
            }
        }

        private void host(String value) {
            String name = value.replaceFirst(":\\d+$", "");
            // Of most URLs this says at a fraction of the cost that they need not be parsed.
            add("strpos(lower(url collate \"C\"), ?) > 0", name.replaceFirst("^\\*\\.", "."));
            if (name.startsWith("*.")) {
                add("right(" + HOST_OF_URL + ", length(?)) = ?", name.substring(1), name.substring(1));
            } else {
                add(HOST_OF_URL + " = ?", name);
            }
        }

        private void status(String value) {
            if (value.matches("[1-5]\\d\\d")) {
                add("status = ?", Integer.valueOf(value));
            } else if (value.matches("[1-5]xx")) {
                int first = (value.charAt(0) - '0') * 100;
                add("status between ? and ?", first, first + 99);
            } else if (value.equals("none")) {
                conditions.add("status is null");
            } else {
                notes.add("status: takes one like 503, a class like 5xx, or none; not " + value);
            }
        }

        private void age(String condition, String value) {
            Matcher age = AGE.matcher(value);
            if (age.matches()) {
                add(condition, age.group(1) + " " + UNITS.get(age.group(2)));
            } else {
                notes.add("older: and newer: take an age like 30s, 10min, 2h or 3d; not " + value);
            }
        }

        private void add(String condition, Object... values) {
            conditions.add(condition);
            arguments.addAll(List.of(values));
        }
    }

    /** The keys that the box knows, each with an example. */
    public static Map<String, String> help() {
        Map<String, String> help = new LinkedHashMap<>();
        help.put("host:", "api.example.com, *.example.com");
        help.put("status:", "503, 5xx, none");
        help.put("owner:", "a role");
        help.put("webhook:", "a webhook's, until they are answered");
        help.put("method:", "POST");
        help.put("older:", "10min");
        help.put("newer:", "2h");
        return help;
    }
}
