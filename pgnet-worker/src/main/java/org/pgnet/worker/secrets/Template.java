package org.pgnet.worker.secrets;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** A text in which {@code {{name}}} stands for a secret. Inserted values are not scanned again. Immutable; any thread. */
public final class Template {
    private static final String OPEN = "{{";
    private static final String CLOSE = "}}";

    /** Of more secrets in one text the rest is taken for text. */
    public static final int MOST_SECRETS = 1_000;

    /** Text, and the secret behind it, if there is one. */
    public record Part(String text, Optional<String> secret) {}

    private final List<Part> parts;

    private Template(List<Part> parts) {
        this.parts = parts;
    }

    /** A text of a request, in which the secrets that it lists stand for themselves, and anything else is text. */
    public static Template of(String text, Collection<String> listed) {
        return parse(text, listed::contains, false);
    }

    /** A text of a rule, in which every name stands for a secret, and four opening braces for two. */
    public static Template ofRule(String text) {
        return parse(text, name -> true, true);
    }

    private static Template parse(String text, Predicate<String> isSecret, boolean escapes) {
        List<Part> parts = new ArrayList<>();
        StringBuilder before = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            int end = endOfName(text, i);
            if (escapes && text.startsWith(OPEN + OPEN, i)) {
                before.append(OPEN);
                i += 2 * OPEN.length();
            } else if (end > 0
                    && parts.size() <= MOST_SECRETS
                    && isSecret.test(text.substring(i + OPEN.length(), end))) {
                parts.add(new Part(before.toString(), Optional.of(text.substring(i + OPEN.length(), end))));
                before.setLength(0);
                i = end + CLOSE.length();
            } else {
                before.append(text.charAt(i++));
            }
        }
        parts.add(new Part(before.toString(), Optional.empty()));
        return new Template(List.copyOf(parts));
    }

    /** Where the name ends, if {@code {{name}}} begins there; 0 if not. */
    private static int endOfName(String text, int begin) {
        if (!text.startsWith(OPEN, begin)) {
            return 0;
        }
        int end = SecretName.end(text, begin + OPEN.length());
        return end > begin + OPEN.length() && text.startsWith(CLOSE, end) ? end : 0;
    }

    /** Whether it may be one: a quick look for those that are none. */
    public static boolean isPossible(String text) {
        return text.contains(OPEN);
    }

    /** The names of the secrets in it. */
    public Set<String> secrets() {
        Set<String> names = new LinkedHashSet<>();
        parts.forEach(part -> part.secret().ifPresent(names::add));
        return names;
    }

    /** The text, when there is no secret in it. */
    public String text() {
        return parts.get(0).text();
    }

    /** All of it, in order. */
    public List<Part> parts() {
        return parts;
    }
}
