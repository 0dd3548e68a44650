package org.pgnet.bench;

import java.util.List;

/** Placeholder */
final class Breakdown {
    record Step(String name, String figure, String limit, String how) {}

    static String table(List<Step> steps) {
        return "";
    }
}
