package org.pgnet.server.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Figures as text: the format of OpenMetrics 1.0, or the older one of Prometheus, which names counters with their suffix.
 * A family is written once, with all its samples.
 */
final class Exposition {
    static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final boolean open;
    private final Map<String, StringBuilder> families = new LinkedHashMap<>();

    Exposition(boolean open) {
        this.open = open;
    }

    void gauge(String name, String help, Map<String, String> labels, double value) {
        family(name, "gauge", help)
                .append(name)
                .append(labels(labels))
                .append(' ')
                .append(number(value))
                .append('\n');
    }

    /** @param name without _total */
    void counter(String name, String help, Map<String, String> labels, double value) {
        family(open ? name : name + "_total", "counter", help)
                .append(name)
                .append("_total")
                .append(labels(labels))
                .append(' ')
                .append(number(value))
                .append('\n');
    }

    void quantile(String name, String help, Map<String, String> labels, String quantile, double value) {
        Map<String, String> all = new TreeMap<>(labels);
        all.put("quantile", quantile);
        family(name, "summary", help)
                .append(name)
                .append(labels(all))
                .append(' ')
                .append(number(value))
                .append('\n');
    }

    String text() {
        return String.join("", families.values()) + (open ? "# EOF\n" : "");
    }

    private StringBuilder family(String name, String type, String help) {
        return families.computeIfAbsent(
                name,
                ignored -> new StringBuilder()
                        .append("# TYPE ")
                        .append(name)
                        .append(' ')
                        .append(type)
                        .append('\n')
                        .append("# HELP ")
                        .append(name)
                        .append(' ')
                        .append(help)
                        .append('\n'));
    }

    private static String labels(Map<String, String> labels) {
        if (labels.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder("{");
        new TreeMap<>(labels)
                .forEach((name, value) -> text.append(text.length() == 1 ? "" : ",")
                        .append(name)
                        .append("=\"")
                        .append(escaped(value))
                        .append('"'));
        return text.append('}').toString();
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
