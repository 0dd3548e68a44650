package org.pgnet.server.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The receivers of docs/webhooks.md, which tests run: the page shows them with the name of a webhook's own key. */
public final class Receivers {
    private static final String DOCUMENT = "/org/pgnet/server/webhooks.md";
    private static final Pattern CODE = Pattern.compile("(?m)^(Node|Python|Java):\\n\\n```\\w+\\n((?s:.*?))^```$");
    private static final String VARIABLE = "WEBHOOK_KEY";

    private static final List<Receiver> ALL = read();

    private Receivers() {}

    public record Receiver(String language, String code) {}

    /** Those that find the key in this variable of the environment. */
    public static List<Receiver> all(String variable) {
        return ALL.stream()
                .map(each -> new Receiver(each.language(), each.code().replace(VARIABLE, variable)))
                .toList();
    }

    /** A name for a variable of the environment: ORDERS_WEBHOOK_KEY. */
    static String variable(String webhook) {
        String name =
                webhook.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]+", "_").replaceAll("^_+|_+$", "");
        return name.isEmpty() || Character.isDigit(name.charAt(0)) ? VARIABLE : name + "_" + VARIABLE;
    }

    private static List<Receiver> read() {
        List<Receiver> found = new ArrayList<>();
        try (InputStream input = Receivers.class.getResourceAsStream(DOCUMENT)) {
            if (input == null) {
                throw new IllegalStateException("the jar lacks " + DOCUMENT);
            }
            Matcher code = CODE.matcher(new String(input.readAllBytes(), StandardCharsets.UTF_8));
            while (code.find()) {
                found.add(new Receiver(code.group(1), code.group(2)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.copyOf(found);
    }
}
