package org.pgnet.server.page;

import java.util.Optional;
import org.pgnet.server.database.Row;

/** A percentile that the server has as an interval or as milliseconds. */
final class Latency {
    private Latency() {}

    static Optional<String> of(Row row, String column) {
        return millis(row, column).map(millis -> Format.seconds(millis / 1000));
    }

    static Optional<Double> millis(Row row, String column) {
        return row.real(column).or(() -> row.text(column).flatMap(Latency::ofInterval));
    }

    /** hh:mm:ss.ffffff, as PostgreSQL writes an interval of less than a day. */
    private static Optional<Double> ofInterval(String text) {
        String[] parts = text.split(":");
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            double seconds = Double.parseDouble(parts[0]) * 3600
                    + Double.parseDouble(parts[1]) * 60
                    + Double.parseDouble(parts[2]);
            return Optional.of(seconds * 1000);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
