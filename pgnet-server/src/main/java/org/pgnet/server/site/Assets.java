package org.pgnet.server.site;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.pgnet.server.web.Answer;

/** The files of the site, out of the jar: its stylesheet and script, htmx and uPlot. Their address changes with what is in them. */
public final class Assets {
    private static final String OWN = "/org/pgnet/server/static/";
    private static final String JARS = "/META-INF/resources/webjars/";
    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final String STYLE = "text/css; charset=utf-8";

    private static final Map<String, Asset> ASSETS = new TreeMap<>();

    static {
        add("pgnet.css", OWN + "pgnet.css", STYLE);
        add("pgnet.js", OWN + "pgnet.js", SCRIPT);
        add("pgnet.svg", OWN + "pgnet.svg", "image/svg+xml");
        add("htmx.js", JARS + "htmx.org/2.0.8/dist/htmx.min.js", SCRIPT);
        add("uplot.js", JARS + "uplot/1.6.30/dist/uPlot.iife.min.js", SCRIPT);
        add("uplot.css", JARS + "uplot/1.6.30/dist/uPlot.min.css", STYLE);
    }

    private Assets() {}

    private record Asset(byte[] bytes, String contentType, String version) {}

    /** The address of a file, for templates. */
    public static String path(String name) {
        return "/static/" + ASSETS.get(name).version() + "/" + name;
    }

    /** The file of a path like {@code VERSION/NAME}; of whatever version, since a page may be older than this process. */
    static Optional<Answer> answer(String path) {
        return Optional.ofNullable(ASSETS.get(path.replaceFirst("^[0-9a-f]{12}/", "")))
                .map(asset -> Answer.of(200, asset.contentType(), asset.bytes())
                        .with("Cache-Control", "public, max-age=31536000, immutable"));
    }

    private static void add(String name, String resource, String contentType) {
        try (InputStream input = Assets.class.getResourceAsStream(resource)) {
            if (input == null) {
                throw new IllegalStateException("the jar lacks " + resource);
            }
            byte[] bytes = input.readAllBytes();
            String hash = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            ASSETS.put(name, new Asset(bytes, contentType, hash.substring(0, 12)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
