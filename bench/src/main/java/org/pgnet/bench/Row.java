package org.pgnet.bench;

import java.util.Locale;

/**
 * A row of the table, in words.
 *
 * @param what what was measured
 * @param figure pg_net's, with its unit
 * @param reference what it is compared with, with its figure; empty when the bound is no ratio
 * @param ratio of the two; empty when the bound is no ratio
 * @param bound what must be reached; empty when the row only informs
 * @param met whether it is: yes or no, or empty
 * @param before the figure of pg_net 0.20.4, empty when there is none
 */
record Row(String what, String figure, String reference, String ratio, String bound, String met, String before) {
    /** A figure that is judged by its ratio to a reference. */
    static Row ofRatio(String what, String figure, String reference, double ratio, Bound bound, String before) {
        return new Row(
                what,
                figure,
                reference,
                String.format(Locale.ROOT, "%.2f", ratio),
                bound.toString(),
                verdict(bound.holds(ratio)),
                before);
    }

    /** A figure that is judged by itself. */
    static Row ofFigure(String what, String figure, String bound, boolean met, String before) {
        return ofFigure(what, figure, "", bound, met, before);
    }

    /** A figure that is judged by itself, beside a reference that says what would be possible. */
    static Row ofFigure(String what, String figure, String reference, String bound, boolean met, String before) {
        return new Row(what, figure, reference, "", bound, verdict(met), before);
    }

    /** A figure beside a reference, of which nothing is demanded. */
    static Row information(String what, String figure, String reference, double ratio) {
        return new Row(what, figure, reference, String.format(Locale.ROOT, "%.2f", ratio), "", "", "");
    }

    private static String verdict(boolean met) {
        return met ? "yes" : "**no**";
    }
}
