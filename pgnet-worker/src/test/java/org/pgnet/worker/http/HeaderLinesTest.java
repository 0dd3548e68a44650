package org.pgnet.worker.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeaderLinesTest {
    private static final String OWN = "User-Agent: pg_net/test";

    @Test
    void noHeadersLeaveTheUserAgent() throws Exception {
        assertThat(lines("")).containsExactly(OWN);
        assertThat(lines("{}")).containsExactly(OWN);
        assertThat(lines(" {  } ")).containsExactly(OWN);
    }

    @Test
    void membersBecomeLinesInTheirOrder() throws Exception {
        assertThat(lines("{\"B\": \"1\", \"A\": \"zwei – 二\"}")).containsExactly("B: 1", "A: zwei – 二", OWN);
    }

    @Test
    void emptyStringSuppressesLibcurlsHeader() throws Exception {
        assertThat(lines("{\"Accept\": \"\"}")).containsExactly("Accept:", OWN);
    }

    @Test
    void arrayIsALineForEachMember() throws Exception {
        assertThat(lines("{\"X\": [\"a\", 1, null, {\"k\": [2]}], \"Y\": []}"))
                .containsExactly("X: a", "X: 1", "X: {\"k\":[2]}", OWN);
    }

    @Test
    void otherValuesAreTheirJsonText() throws Exception {
        assertThat(lines("{\"N\": 1.50, \"T\": true, \"Z\": null, \"O\": {\"a\": \"b\"}, \"E\": 12e400}"))
                .containsExactly("N: 1.50", "T: true", "O: {\"a\":\"b\"}", "E: 12e400", OWN);
    }

    @Test
    void callersUserAgentWinsInAnyCase() throws Exception {
        assertThat(lines("{\"user-AGENT\": \"mine\"}")).containsExactly("user-AGENT: mine");
        assertThat(lines("{\"User-Agent\": \"\"}")).containsExactly("User-Agent:");
        assertThat(lines("{\"User-agent\": null}")).containsExactly("User-Agent:");
    }

    @Test
    void onlyWhatIsMissingIsAdded() throws Exception {
        List<String> lines = new ArrayList<>(List.of("A: 1", "Empty;", "Accept:", "Authorization2: x"));
        HeaderLines.addMissing(lines, List.of("a: 2", "EMPTY: x", "accept: y", "Authorization: s", "B: 3", "b: 4"));
        assertThat(lines)
                .containsExactly("A: 1", "Empty;", "Accept:", "Authorization2: x", "Authorization: s", "B: 3", "b: 4");
    }

    @Test
    void lineBreaksAndNullCharactersAreRefusedWithoutQuotingTheValue() {
        for (String bad : List.of("\\r", "\\n", "\\u0000")) {
            assertThatThrownBy(() -> lines("{\"Secret\": \"hush" + bad + "X: y\"}"))
                    .isInstanceOf(RequestException.class)
                    .hasMessageContaining("Secret")
                    .hasMessageNotContaining("hush");
            assertThatThrownBy(() -> lines("{\"A" + bad + "B\": \"x\"}")).isInstanceOf(RequestException.class);
        }
    }

    @Test
    void nameThatIsNoTokenIsRefused() {
        for (String bad : List.of("", " ", "A ", " A", "A B", "A:", "A;", "A,B", "(A)", "Ä", "A\u007f", "A/B")) {
            assertThatThrownBy(() -> lines("{\"" + bad + "\": \"x\"}")).as(bad).isInstanceOf(RequestException.class);
        }
    }

    @Test
    void nameOfAnyCharactersOfATokenIsSent() throws Exception {
        assertThat(lines("{\"!#$%&'*+-.^_`|~09azAZ\": \"x\"}")).containsExactly("!#$%&'*+-.^_`|~09azAZ: x", OWN);
    }

    @Test
    void whatIsNoJsonObjectIsRefused() {
        for (String bad : List.of("[1, 2]", "\"abc\"", "{\"a\": ", "{\"a\" \"b\"}", "nonsense", "{\"a\": \"b\"")) {
            assertThatThrownBy(() -> lines(bad)).as(bad).isInstanceOf(RequestException.class);
        }
    }

    @Test
    void numberOfManyDigitsIsKept() throws Exception {
        String digits = "1".repeat(131_072);
        assertThat(lines("{\"N\": " + digits + "}")).containsExactly("N: " + digits, OWN);
    }

    private static List<String> lines(String json) throws RequestException {
        List<String> lines = HeaderLines.lines(json.getBytes(StandardCharsets.UTF_8));
        HeaderLines.addMissing(lines, List.of(OWN));
        return lines;
    }
}
