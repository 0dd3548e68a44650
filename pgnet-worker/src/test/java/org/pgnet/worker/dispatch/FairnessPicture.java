package org.pgnet.worker.dispatch;

import java.util.Locale;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** Draws what a simulation has seen: slots, starts and waits over its time, each point the mean or the most of half a second. */
final class FairnessPicture {
    private static final int STEP = 50;
    private static final int POINTS = FairnessSimulation.TICKS / STEP;
    private static final double LEFT = 64;
    private static final double WIDTH = 640;
    private static final double RIGHT = LEFT + WIDTH;
    private static final int STEPS_PER_SECOND = 1_000 / FairnessSimulation.TICK_MILLIS / STEP;

    private static final String STYLE = "<style>\n"
            + "  text { font: 12px system-ui, sans-serif; fill: #6e7781 }\n"
            + "  .title { font-weight: 600; font-size: 13px }\n"
            + "  .small { font-size: 11px }\n"
            + "  .grid { stroke: #848d97; stroke-opacity: 0.35; stroke-width: 1 }\n"
            + "  .mark { stroke: #848d97; stroke-width: 1; stroke-dasharray: 3 4 }\n"
            + "  .bound { stroke: #e5534b; stroke-width: 1.5; stroke-dasharray: 6 4 }\n"
            + "  .line { fill: none; stroke-width: 1.8; stroke-linejoin: round }\n"
            + "  .steady { fill: #2f81f7 } .steady-line { stroke: #2f81f7 }\n"
            + "  .light { fill: #1a9e6b } .light-line { stroke: #1a9e6b }\n"
            + "  .ruled { fill: #8e9aa8 } .ruled-line { stroke: #8e9aa8 }\n"
            + "  .flood { fill: #d4790f } .flood-line { stroke: #d4790f }\n"
            + "  .hang { fill: #d13c4b } .hang-line { stroke: #d13c4b }\n"
            + "  @media (prefers-color-scheme: dark) {\n"
            + "    text { fill: #adbac7 }\n"
            + "  }\n"
            + "</style>\n";

    private final FairnessSimulation simulation;
    private final StringBuilder svg = new StringBuilder();

    private FairnessPicture(FairnessSimulation simulation) {
        this.simulation = simulation;
    }

    /** An SVG, readable on a light and on a dark ground. */
    static String of(FairnessSimulation simulation) {
        return new FairnessPicture(simulation).draw();
    }

    private String draw() {
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 920 620\" role=\"img\" "
                + "aria-label=\"Slots, starts and waits of 50 owners over 100 seconds\">\n");
        svg.append(STYLE);
        drawSlots(new Panel(44, 150, 225, "Slots: 200, and 25 on top for owners with few"));
        drawStarts(new Panel(254, 150, 150, "Starts a second of one owner"));
        drawWaits(new Panel(464, 110, 60, "Longest wait of the 15 owners with little to send, ms"));
        drawTime(464 + 110);
        return svg.append("</svg>\n").toString();
    }

    /** A part of the picture, with what its upper edge means. */
    private record Panel(double top, double height, double most, String title) {
        double y(double value) {
            return top + height * (1 - Math.min(value, most) / most);
        }
    }

    private void drawSlots(Panel panel) {
        begin(panel, 50);
        String[] classes = {"hang", "flood", "ruled", "light", "steady"};
        double[] floor = new double[POINTS];
        for (String each : classes) {
            double[] ceiling = new double[POINTS];
            for (int point = 0; point < POINTS; point++) {
                ceiling[point] = floor[point] + slotsOf(each, point);
            }
            area(panel, each, floor, ceiling);
            floor = ceiling;
        }
        legend(panel, 0, "steady", "30 with more than gets through");
        legend(panel, 1, "light", "15 with little to send");
        legend(panel, 2, "ruled", "3 with rules of hosts");
        legend(panel, 3, "flood", "1 that floods 20 origins");
        legend(panel, 4, "hang", "1 with six origins that hang");
    }

    private double slotsOf(String group, int point) {
        return mean(
                point,
                tick -> owners(group)
                        .map(owner -> simulation.slots[tick][owner])
                        .sum());
    }

    private static IntStream owners(String group) {
        return switch (group) {
            case "hang" -> IntStream.of(FairnessSimulation.HANGING);
            case "flood" -> IntStream.of(FairnessSimulation.FLOODING);
            case "ruled" -> IntStream.range(FairnessSimulation.RATED, FairnessSimulation.OWNERS);
            case "light" -> IntStream.range(FairnessSimulation.FIRST_LIGHT, FairnessSimulation.FLOODING);
            default -> IntStream.range(0, FairnessSimulation.STEADY);
        };
    }

    private void drawStarts(Panel panel) {
        begin(panel, 50);
        line(panel, "ruled-line", point -> perSecond(point, FairnessSimulation.RATED));
        line(panel, "flood-line", point -> perSecond(point, FairnessSimulation.FLOODING));
        line(
                panel,
                "steady-line",
                point -> IntStream.range(0, FairnessSimulation.STEADY)
                        .mapToDouble(owner -> perSecond(point, owner))
                        .average()
                        .orElse(0));
        legend(panel, 0, "steady", "each of the 30, on average");
        legend(panel, 1, "flood", "the one that floods");
        legend(panel, 2, "ruled", "one with a rate of 40 a second");
    }

    private double perSecond(int point, int owner) {
        int from = Math.max(0, (point - STEPS_PER_SECOND) * STEP);
        int to = (point + 1) * STEP;
        int starts = IntStream.range(from, to)
                .map(tick -> simulation.starts[tick][owner])
                .sum();
        return starts * 1_000.0 / FairnessSimulation.TICK_MILLIS / (to - from);
    }

    private void drawWaits(Panel panel) {
        begin(panel, 20);
        line(
                panel,
                "light-line",
                point -> IntStream.range(point * STEP, (point + 1) * STEP)
                        .map(tick -> simulation.longestLightWait[tick] * FairnessSimulation.TICK_MILLIS)
                        .max()
                        .orElse(0));
        stroke("bound", LEFT, panel.y(50), RIGHT, panel.y(50));
        text("small", RIGHT + 10, panel.y(50) + 4, "start", "bound: 50 ms");
    }

    private void begin(Panel panel, int every) {
        text("title", LEFT, panel.top - 12, "start", panel.title);
        for (int value = 0; value <= panel.most; value += every) {
            stroke("grid", LEFT, panel.y(value), RIGHT, panel.y(value));
            text("small", LEFT - 8, panel.y(value) + 4, "end", String.valueOf(value));
        }
        mark(panel, FairnessSimulation.FLOOD_TICK);
        mark(panel, FairnessSimulation.HANG_TICK);
        mark(panel, FairnessSimulation.HANG_END_TICK);
        mark(panel, FairnessSimulation.UNPAUSE_TICK);
    }

    private void mark(Panel panel, int tick) {
        stroke("mark", x(tick), panel.top, x(tick), panel.top + panel.height);
    }

    private void drawTime(double bottom) {
        for (int second = 0; second <= 100; second += 10) {
            double x = x(second * 1_000 / FairnessSimulation.TICK_MILLIS);
            text("small", x, bottom + 18, "middle", second == 100 ? "100 s" : String.valueOf(second));
        }
        event(bottom, FairnessSimulation.FLOOD_TICK, "middle", "flood begins");
        event(bottom, FairnessSimulation.HANG_TICK, "middle", "six origins hang");
        event(bottom, FairnessSimulation.HANG_END_TICK, "end", "they end");
        event(bottom, FairnessSimulation.UNPAUSE_TICK, "start", "a pause ends");
    }

    private void event(double bottom, int tick, String anchor, String what) {
        text("small", x(tick), bottom + 36, anchor, what);
    }

    private void legend(Panel panel, int number, String style, String what) {
        double y = panel.top + 14 + 20 * number;
        svg.append(String.format(
                Locale.ROOT,
                "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"10\" height=\"10\" rx=\"2\"/>\n",
                style,
                RIGHT + 10,
                y - 9));
        text("small", RIGHT + 26, y, "start", what);
    }

    private void area(Panel panel, String style, double[] floor, double[] ceiling) {
        StringBuilder path = new StringBuilder();
        for (int point = 0; point < POINTS; point++) {
            path.append(point(panel, point == 0 ? 'M' : 'L', point, ceiling[point]));
        }
        for (int point = POINTS - 1; point >= 0; point--) {
            path.append(point(panel, 'L', point, floor[point]));
        }
        svg.append("<path class=\"" + style + "\" fill-opacity=\"0.85\" d=\"" + path + "Z\"/>\n");
    }

    private void line(Panel panel, String style, IntToDoubleFunction value) {
        StringBuilder path = new StringBuilder();
        for (int point = 0; point < POINTS; point++) {
            path.append(point(panel, point == 0 ? 'M' : 'L', point, value.applyAsDouble(point)));
        }
        svg.append("<path class=\"line " + style + "\" d=\"" + path + "\"/>\n");
    }

    private static String point(Panel panel, char command, int point, double value) {
        double x = LEFT + WIDTH * point / (POINTS - 1);
        return String.format(Locale.ROOT, "%c%.1f %.1f", command, x, panel.y(value));
    }

    private void stroke(String style, double fromX, double fromY, double toX, double toY) {
        svg.append(String.format(
                Locale.ROOT,
                "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
                style,
                fromX,
                fromY,
                toX,
                toY));
    }

    private void text(String style, double x, double y, String anchor, String what) {
        svg.append(String.format(
                Locale.ROOT,
                "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
                style,
                x,
                y,
                anchor,
                what));
    }

    private static double x(int tick) {
        return LEFT + WIDTH * tick / FairnessSimulation.TICKS;
    }

    private static double mean(int point, IntUnaryOperator ofTick) {
        return IntStream.range(point * STEP, (point + 1) * STEP)
                .map(ofTick)
                .average()
                .orElse(0);
    }
}
