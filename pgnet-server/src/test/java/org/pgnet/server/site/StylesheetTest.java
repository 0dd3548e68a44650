package org.pgnet.server.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Text can be read on each ground that it stands on, in both palettes: a contrast of 4.5 at least, as WCAG 2.2 AA asks. */
class StylesheetTest {
    private static final Path FILE = Path.of("src/main/resources/org/pgnet/server/static/pgnet.css");
    private static final Pattern COLOUR = Pattern.compile("--([a-z-]+): #([0-9a-f]{6});");
    private static final List<String> INKS =
            List.of("ink", "muted", "accent", "well", "advice", "delayed", "losing", "stopped");
    private static final List<String> GROUNDS = List.of("ground", "surface", "sunken");
    private static final double LEAST = 4.5;

    @Test
    void everyInkCanBeReadOnEveryGround() throws IOException {
        String[] palettes = Files.readString(FILE).split("@media \\(prefers-color-scheme: dark\\)", 2);
        assertThat(palettes).hasSize(2);
        for (String palette : palettes) {
            Map<String, String> colours = colours(palette);
            assertThat(colours).containsKeys(INKS.toArray(String[]::new));
            for (String ink : INKS) {
                for (String ground : GROUNDS) {
                    assertThat(contrast(colours.get(ink), colours.get(ground)))
                            .as("%s %s on %s %s", ink, colours.get(ink), ground, colours.get(ground))
                            .isGreaterThanOrEqualTo(LEAST);
                }
            }
            assertThat(contrast(colours.get("on-accent"), colours.get("accent")))
                    .isGreaterThanOrEqualTo(LEAST);
        }
    }

    /** What the Content-Security-Policy would refuse. */
    @Test
    void loadsNothingFromElsewhere() throws IOException {
        assertThat(Files.readString(FILE)).doesNotContain("url(", "@import", "http:", "https:");
    }

    private static Map<String, String> colours(String palette) {
        Map<String, String> colours = new HashMap<>();
        Matcher found = COLOUR.matcher(palette);
        while (found.find()) {
            colours.putIfAbsent(found.group(1), found.group(2));
        }
        return colours;
    }

    private static double contrast(String one, String other) {
        double lighter = Math.max(luminance(one), luminance(other));
        double darker = Math.min(luminance(one), luminance(other));
        return (lighter + 0.05) / (darker + 0.05);
    }

    private static double luminance(String colour) {
        int rgb = Integer.parseInt(colour, 16);
        return 0.2126 * linear(rgb >> 16) + 0.7152 * linear(rgb >> 8 & 0xff) + 0.0722 * linear(rgb & 0xff);
    }

    private static double linear(int value) {
        double share = value / 255.0;
        return share <= 0.04045 ? share / 12.92 : Math.pow((share + 0.055) / 1.055, 2.4);
    }
}
