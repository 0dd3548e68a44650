package org.pgnet.server.page;

import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.pgnet.server.change.Change;
import org.pgnet.server.change.Changes;
import org.pgnet.server.web.Query;

/** Which change the fields of a form mean. No field is a statement: that is made here, or comes from net.doctor(). */
public final class ChangeForm {
    private static final long MOST_OF_HOST = 100_000;

    private ChangeForm() {}

    /** @throws IllegalArgumentException when the fields mean none */
    public static Change read(Look look, Query fields) throws SQLException {
        return switch (fields.exact("do")) {
            case "retry" -> Changes.retry(ids(fields));
            case "cancel" -> Changes.cancel(ids(fields));
            case "retry-host" ->
                Changes.retryHost(
                        text(fields, "host"),
                        moment(fields, "since"),
                        fields.number("most")
                                .map(most -> Math.min(most, MOST_OF_HOST))
                                .orElse(1_000L),
                        rate(fields, "pace"));
            case "pause" -> Changes.pause(text(fields, "pattern"), true);
            case "resume" -> Changes.pause(text(fields, "pattern"), false);
            case "probe" -> Changes.probe(text(fields, "pattern"));
            case "rate" -> Changes.rate(text(fields, "pattern"), rate(fields, "rate"), per(fields));
            case "restart" -> Changes.restartWorker();
            case "enable" -> Changes.webhook(text(fields, "webhook"), true);
            case "enable-retry" -> Changes.enableAndRetry(text(fields, "webhook"), moment(fields, "since"));
            case "disable" -> Changes.webhook(text(fields, "webhook"), false);
            case "test" -> Changes.testWebhook(text(fields, "webhook"));
            case "rotate" -> Changes.rotateWebhookSecret(text(fields, "webhook"));
            case "advised" -> advised(look, fields.exact("finding"));
            default -> throw new IllegalArgumentException("no such change");
        };
    }

    /** Whether the form must first ask for the rate. */
    public static boolean asksForRate(Query fields) {
        return fields.exact("do").equals("rate") && !fields.parameters().containsKey("rate");
    }

    /** Whether the form must first ask how fast. */
    public static boolean asksForPace(Query fields) {
        return fields.exact("do").equals("retry-host") && !fields.parameters().containsKey("pace");
    }

    private static Change advised(Look look, String key) throws SQLException {
        for (Finding finding : Finding.all(look)) {
            if (finding.key().equals(key) && finding.canRun()) {
                return Changes.advised(finding.finding(), finding.sql().orElseThrow());
            }
        }
        throw new IllegalArgumentException("this finding has gone");
    }

    private static List<Long> ids(Query fields) {
        List<Long> ids = fields.all("id").stream()
                .filter(text -> text.matches("\\d{1,18}"))
                .map(Long::valueOf)
                .distinct()
                .toList();
        if (ids.isEmpty() || ids.size() > Changes.MOST_REQUESTS) {
            throw new IllegalArgumentException("choose 1 to " + Changes.MOST_REQUESTS + " requests");
        }
        return ids;
    }

    private static String text(Query fields, String name) {
        String text = fields.exact(name);
        if (text.isEmpty() || text.length() > 2_000 || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("no " + name);
        }
        return text;
    }

    private static String moment(Query fields, String name) {
        String text = text(fields, name);
        if (!text.matches("[0-9]{4}-[0-9]{2}-[0-9]{2}[0-9T:. Z+-]{0,30}")) {
            throw new IllegalArgumentException(name + " is not a moment");
        }
        return text;
    }

    private static Optional<BigDecimal> rate(Query fields, String name) {
        Optional<String> text = fields.value(name);
        if (text.isPresent() && !text.get().matches("\\d{1,7}(\\.\\d{1,6})?")) {
            throw new IllegalArgumentException("the rate must be a number like 40 or 0.5");
        }
        Optional<BigDecimal> rate = text.map(BigDecimal::new);
        if (rate.filter(number -> number.signum() == 0).isPresent()) {
            throw new IllegalArgumentException("the rate must be more than 0");
        }
        return rate;
    }

    private static String per(Query fields) {
        String per = fields.value("per").orElse("1 s");
        if (!List.of("1 s", "1 min", "1 h").contains(per)) {
            throw new IllegalArgumentException("the time must be 1 s, 1 min or 1 h");
        }
        return per;
    }
}
