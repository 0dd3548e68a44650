package org.pgnet.server.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pgnet.server.change.Change;
import org.pgnet.server.database.Row;
import org.pgnet.server.page.Body;
import org.pgnet.server.page.DeadLettersPage;
import org.pgnet.server.page.Receivers;
import org.pgnet.server.page.RequestPage;
import org.pgnet.server.page.RequestRow;
import org.pgnet.server.page.RequestsPage;
import org.pgnet.server.page.WebhookDay;
import org.pgnet.server.page.WebhooksPage;

/** Whatever stands in a URL, a header, a body, an error text or the name of a role is text on the page, wherever it stands. */
class EscapingTest {
    private static final Templates TEMPLATES = new Templates();
    private static final Pattern TAG =
            Pattern.compile("<(/?[a-zA-Z]\\w*)((?:\\s+[\\w:-]+(?:=(?:\"[^\"]*+\"|'[^']*+'))?)*+)\\s*/?>");

    static Stream<String> hostile() {
        return Stream.of(
                "<script>alert(1)</script>",
                "\"><img src=x onerror=alert(1)>",
                "' onmouseover='alert(1)",
                "</pre></textarea></title><svg onload=alert(1)>",
                "javascript:alert(1)",
                "&lt;script&gt;",
                "a\0b",
                "\u202e\u2066txt",
                "${7*7}@template.x()",
                "]]><!--",
                "<b>".repeat(350_000));
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void aListShowsItAsText(String text) {
        check(text, some -> TEMPLATES.page(frame(some), "requests.jte", list(some)));
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void aChangeShowsItAsText(String text) {
        check(text, some -> TEMPLATES.page(frame(some), "change.jte", change(some)));
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void aBodyAndHeadersShowItAsText(String text) {
        check(text, some -> TEMPLATES.page(frame(some), "retry.jte", new ChangePages.PaceModel(some, some, 2, some)));
        check(
                text,
                some -> TEMPLATES.part(
                        "part/body.jte", Map.of("body", Optional.of(new Body(some, 1, false)), "id", "x")));
        check(
                text,
                some -> TEMPLATES.part(
                        "part/headers.jte", Map.of("headers", List.of(new RequestPage.Header(some, some)))));
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void webhooksDeadLettersAndProblemsShowItAsText(String text) {
        check(text, some -> TEMPLATES.page(frame(some), "webhooks.jte", webhooks(some)));
        check(text, some -> TEMPLATES.part("part/groups.jte", Map.of("model", deadLetters(some))));
        check(text, some -> TEMPLATES.problem(new Problem(some, some, some, true)));
    }

    private static RequestsPage.Model list(String text) {
        return new RequestsPage.Model(
                true,
                List.of(),
                "all",
                text,
                List.of(text),
                List.of(row(text)),
                Optional.empty(),
                Optional.empty(),
                true,
                "/requests",
                true,
                List.of(text));
    }

    private static ChangePages.Model change(String text) {
        return new ChangePages.Model(
                new Change(text, text, text, text, rows -> ""), List.of(Map.entry(text, text)), "/");
    }

    private static WebhooksPage.Model webhooks(String text) {
        WebhookDay day = new WebhookDay(List.of(new WebhookDay.Hour(Instant.EPOCH, 2, 1, 1)));
        Row row = new Row(Map.of(
                "name",
                text,
                "table_name",
                text,
                "url",
                text,
                "events",
                text,
                "disabled_because",
                text,
                "owner",
                text,
                "condition",
                text,
                "secret",
                text,
                "last_error",
                text,
                "last_died",
                Instant.EPOCH));
        WebhooksPage.Webhook webhook = WebhooksPage.Webhook.of(row, day);
        WebhooksPage.Answer answer = new WebhooksPage.Answer(row(text), Optional.of(new Body(text, 1, false)));
        return new WebhooksPage.Model(
                true,
                List.of(webhook),
                Optional.of(new WebhooksPage.Chosen(
                        webhook, Optional.of(text), Receivers.all(text), text, Optional.of(answer))));
    }

    private static DeadLettersPage.Model deadLetters(String text) {
        DeadLettersPage.Group group = new DeadLettersPage.Group(
                text, text, Optional.empty(), 1, Optional.of(Instant.EPOCH), Optional.of(Instant.EPOCH), 1, text, 0);
        return new DeadLettersPage.Model(List.of(group), false, List.of(), Optional.empty(), text);
    }

    /** The page has the tags that it has around a harmless text, and no attribute that is a script or a style. */
    private static void check(String text, UnaryOperator<String> page) {
        List<String> tags = tags(page.apply(text));
        assertThat(tags)
                .as("tags around %s", text.substring(0, Math.min(50, text.length())))
                .isEqualTo(tags(page.apply("harmless")));
        assertThat(tags).isNotEmpty().noneMatch(tag -> tag.matches("(?s).* (on[a-z]+|style|srcdoc)\\b.*"));
    }

    /** Each with the names of its attributes. */
    private static List<String> tags(String html) {
        return TAG.matcher(html)
                .results()
                .map(tag -> tag.group(1) + tag.group(2).replaceAll("=(\"[^\"]*\"|'[^']*')", ""))
                .toList();
    }

    private static RequestRow row(String text) {
        return RequestRow.of(new Row(Map.of(
                "id",
                1L,
                "state",
                text,
                "reason",
                text,
                "method",
                text,
                "url",
                text,
                "owner",
                text,
                "created",
                Instant.EPOCH)));
    }

    private static Frame frame(String text) {
        return new Frame(
                text, List.of(new Frame.Link(text, "/", true)), text, text, text, text, Optional.of(text), text);
    }
}
