package org.pgnet.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgnet.server.database.Row;

/** What is copied is run by people: nothing of a request may be a command of its own. */
class RequestAsTextTest {
    private static final String HOSTILE = "'; rm -rf / #`$(id)\n";

    @Test
    void aShellSeesOneArgumentForEachPart() {
        String line = RequestAsText.curl(
                "GET", "http://a/" + HOSTILE, List.of(new RequestPage.Header("x", HOSTILE)), body(HOSTILE));
        assertThat(line.replace("'\\''", "").replaceAll("'[^']*'", "").replaceAll("[A-Za-z0-9 \\\\\n-]", ""))
                .isEmpty();
    }

    @Test
    void aBodyIsNoFileName() {
        assertThat(RequestAsText.curl("POST", "http://a/", List.of(), body("@/etc/passwd")))
                .contains("--data-raw")
                .doesNotContain("--data-binary");
    }

    @Test
    void sqlSeesLiterals() {
        assertThat(RequestAsText.sql("GET", "http://a/'; drop table x", body("b'")))
                .isEqualTo("SELECT net.request('http://a/''; drop table x', method => 'GET',\n  body_text => 'b''');");
    }

    private static Optional<Row> body(String text) {
        return Optional.of(new Row(Map.of("body", text.getBytes(StandardCharsets.UTF_8))));
    }
}
