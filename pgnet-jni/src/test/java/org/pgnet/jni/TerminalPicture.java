package org.pgnet.jni;

import java.util.List;
import java.util.Locale;

/**
 * Statements that are typed into psql, and what it prints for them, as an SVG that types them once. It is text, which can be
 * selected and read out. Where nothing may move, or nothing can, all of it is there from the start.
 */
final class TerminalPicture {
    private static final String PROMPT = "postgres=# ";

    private static final double CHARACTER_WIDTH = 7.8;
    private static final double LINE_HEIGHT = 19;
    private static final double MARGIN = 18;

    private static final double SECONDS_PER_CHARACTER = 0.025;
    private static final double SECONDS_UNTIL_ANSWERED = 0.3;
    private static final double SECONDS_TO_READ = 1.5;

    private static final String STYLE = """
            <style>
              svg { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace }
              text { fill: #1f2328; white-space: pre }
              text, .cursor { animation: show 1ms backwards }
              .prompt { fill: #59636e }
              .typed { font-weight: 600; animation-name: type }
              .screen { fill: #f6f8fa; stroke: #d1d9e0 }
              .cursor { fill: #59636e }
              @keyframes show { from { visibility: hidden } }
              @keyframes type { from { clip-path: inset(0 100% 0 0) } to { clip-path: inset(0 0 0 0) } }
              @media (prefers-color-scheme: dark) {
                text { fill: #e6edf3 }
                .prompt { fill: #9198a1 }
                .screen { fill: #151b23; stroke: #3d444d }
                .cursor { fill: #9198a1 }
              }
              @media (prefers-reduced-motion: reduce) { text, .cursor { animation: none !important } }
            </style>
            """;

    private final StringBuilder body = new StringBuilder();
    private double seconds = SECONDS_UNTIL_ANSWERED;
    private double baseline = MARGIN + 13;
    private int longest;

    /** A statement, and what psql printed for it. */
    record Typed(String statement, String printed) {}

    private TerminalPicture() {}

    static String of(String title, String description, List<Typed> session) {
        TerminalPicture picture = new TerminalPicture();
        session.forEach(picture::add);
        return picture.end(title, description);
    }

    private void add(Typed typed) {
        text("prompt", 0, PROMPT.strip(), appears());
        double duration = typed.statement().length() * SECONDS_PER_CHARACTER;
        text(
                "typed",
                PROMPT.length(),
                typed.statement(),
                String.format(
                        Locale.ROOT,
                        "animation-delay:%.1fs;animation-duration:%.1fs;animation-timing-function:steps(%d)",
                        seconds,
                        duration,
                        typed.statement().length()));
        seconds += duration + SECONDS_UNTIL_ANSWERED;
        baseline += LINE_HEIGHT;
        typed.printed().stripTrailing().lines().forEach(line -> {
            text("", 0, line.stripTrailing(), appears());
            baseline += LINE_HEIGHT;
        });
        baseline += LINE_HEIGHT;
        seconds += SECONDS_TO_READ;
    }

    private String appears() {
        return String.format(Locale.ROOT, "animation-delay:%.1fs", seconds);
    }

    /** The length is said, so that columns meet whatever font is there. */
    private void text(String kind, int column, String text, String style) {
        longest = Math.max(longest, column + text.length());
        body.append(String.format(
                Locale.ROOT,
                "<text%s x=\"%.1f\" y=\"%.0f\" textLength=\"%.1f\" style=\"%s\">%s</text>%n",
                kind.isEmpty() ? "" : " class=\"" + kind + "\"",
                MARGIN + column * CHARACTER_WIDTH,
                baseline,
                text.length() * CHARACTER_WIDTH,
                style,
                escape(text)));
    }

    private String end(String title, String description) {
        text("prompt", 0, PROMPT.strip(), appears());
        double width = 2 * MARGIN + longest * CHARACTER_WIDTH;
        double height = baseline + MARGIN;
        String head = String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" xml:space=\"preserve\""
                        + " aria-labelledby=\"title description\">%n<title id=\"title\">%s</title>%n<desc"
                        + " id=\"description\">%s</desc>%n",
                width,
                height,
                escape(title),
                escape(description));
        String screen = String.format(
                Locale.ROOT,
                "<rect class=\"screen\" x=\"0.5\" y=\"0.5\" width=\"%.0f\" height=\"%.0f\" rx=\"8\"/>%n"
                        + "<rect class=\"cursor\" x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" height=\"16\""
                        + " style=\"%s\"/>%n",
                width - 1,
                height - 1,
                MARGIN + PROMPT.length() * CHARACTER_WIDTH,
                baseline - 12,
                CHARACTER_WIDTH,
                appears());
        return head + STYLE + screen + body + "</svg>\n";
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
