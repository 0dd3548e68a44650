package org.pgnet.server.page;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The tabs above the requests: states that belong together, and where requests of these states are. */
public enum RequestTab {
    ALL(List.of(), List.of("queued", "answered", "dead"), "true"),
    WAITING(List.of("scheduled", "queued", "held", "sending", "retrying"), List.of("queued"), "true"),
    RETRYING(List.of("retrying", "held", "sending"), List.of("retried"), "attempts > 0"),
    SUCCEEDED(List.of("succeeded"), List.of("answered"), "status < 400"),
    FAILED(List.of("failed", "dead"), List.of("answered"), "coalesce(status >= 400, true)"),
    DEAD(List.of("dead"), List.of("dead"), "true");

    private final List<String> states;
    private final List<String> tables;
    private final String condition;

    RequestTab(List<String> states, List<String> tables, String condition) {
        this.states = states;
        this.tables = tables;
        this.condition = condition;
    }

    public static RequestTab of(Optional<String> word) {
        for (RequestTab tab : values()) {
            if (tab.word().equals(word.orElse(""))) {
                return tab;
            }
        }
        return ALL;
    }

    List<String> states() {
        return states;
    }

    List<String> tables() {
        return tables;
    }

    String condition() {
        return condition;
    }

    /** As it stands in the URL. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public String label() {
        return name().charAt(0) + word().substring(1);
    }
}
