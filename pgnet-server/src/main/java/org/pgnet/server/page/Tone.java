package org.pgnet.server.page;

import java.util.Locale;

/** How much something matters: the classes of the stylesheet, and the severities of net.doctor(), the worst last. */
public enum Tone {
    QUIET,
    WELL,
    ADVICE,
    DELAYED,
    LOSING,
    STOPPED;

    /** The tone of a severity; one that is not known yet is advice. */
    static Tone of(String severity) {
        for (Tone tone : values()) {
            if (tone.name().equalsIgnoreCase(severity)) {
                return tone;
            }
        }
        return ADVICE;
    }

    /** The tone of a request's state. */
    static Tone ofState(String state) {
        return switch (state) {
            case "succeeded" -> WELL;
            case "failed" -> LOSING;
            case "dead" -> STOPPED;
            case "retrying", "held" -> DELAYED;
            case "sending" -> ADVICE;
            default -> QUIET;
        };
    }

    public String css() {
        return "tone-" + name().toLowerCase(Locale.ROOT);
    }
}
