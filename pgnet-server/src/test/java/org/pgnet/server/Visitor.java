package org.pgnet.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Somebody without a browser: pages as they are sent, and forms with their token. */
final class Visitor {
    private static final Pattern TOKEN = Pattern.compile("name=\"csrf\" value=\"([^\"]*)\"");

    private final String site;
    private final HttpClient client =
            HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
    private String token = "";

    Visitor(Ui ui) {
        this(ui.url(""));
    }

    /** @param site its address, without a slash at the end */
    Visitor(String site) {
        this.site = site;
    }

    /** Logs in; the clusters of tests ask for no password. */
    Visitor as(String role) throws IOException, InterruptedException {
        get("/login");
        HttpResponse<String> answer = post("/login", "role", role, "password", "any", "next", "/");
        if (answer.statusCode() != 303) {
            throw new AssertionError("not logged in as " + role + ": " + answer.body());
        }
        get("/workers");
        return this;
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return remember(send(HttpRequest.newBuilder(URI.create(site + path))));
    }

    HttpResponse<String> get(String path, String header, String value) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(site + path)).header(header, value));
    }

    /** The page, which must be there. */
    String page(String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = get(path);
        if (answer.statusCode() != 200) {
            throw new AssertionError(path + " is status " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body();
    }

    /** A stream of events, which goes on until it is closed. */
    HttpResponse<InputStream> stream(String path) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(site + path)).build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    /** Sends a form: names and values, and the token of the last page. */
    HttpResponse<String> post(String path, String... fields) throws IOException, InterruptedException {
        StringBuilder form = new StringBuilder("csrf=" + encode(token));
        for (int i = 0; i < fields.length; i += 2) {
            form.append('&').append(encode(fields[i])).append('=').append(encode(fields[i + 1]));
        }
        return send(HttpRequest.newBuilder(URI.create(site + path))
                .POST(HttpRequest.BodyPublishers.ofString(form.toString())));
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private HttpResponse<String> remember(HttpResponse<String> answer) {
        Matcher found = TOKEN.matcher(answer.body());
        if (found.find()) {
            token = found.group(1);
        }
        return answer;
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(
                request.timeout(Duration.ofSeconds(30)).build(),
                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }
}
