package org.pgnet.worker.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    plain                 | plain
                    Bearer {{key}}        | Bearer <key>
                    {{key}}{{key}}        | <key><key>
                    {{{key}}}             | {<key>}
                    {{key}                | {{key}
                    {{ key }}             | {{ key }}
                    {{other}}             | {{other}}
                    {{{{key}}}}           | {{<key>}}
                    {{KEY}}               | {{KEY}}
                    {{}}                  | {{}}
                    {{é}}                 | {{é}}
                    """)
    void textOfARequestNamesWhatItLists(String text, String meant) {
        assertThat(show(Template.of(text, List.of("key")))).isEqualTo(meant);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    plain                 | plain
                    Bearer {{key}}        | Bearer <key>
                    {{a.b-c_1}}           | <a.b-c_1>
                    {{{{key}}             | {{key}}
                    {{{{{{key}}           | {{<key>
                    {{1a}}                | {{1a}}
                    a{{{{b                | a{{b
                    """)
    void textOfARuleNamesEverySecret(String text, String meant) {
        assertThat(show(Template.ofRule(text))).isEqualTo(meant);
    }

    @Test
    void nameIsAtMost63CharactersLong() {
        assertThat(Template.ofRule("{{" + "a".repeat(63) + "}}").secrets()).hasSize(1);
        assertThat(Template.ofRule("{{" + "a".repeat(64) + "}}").secrets()).isEmpty();
    }

    @Test
    void secretsAreListedOnce() {
        assertThat(Template.ofRule("{{a}}{{b}}{{a}}").secrets()).containsExactly("a", "b");
        assertThat(Template.isPossible("{a}")).isFalse();
    }

    private static String show(Template template) {
        return template.parts().stream()
                .map(part -> part.text()
                        + part.secret().map(name -> "<" + name + ">").orElse(""))
                .collect(Collectors.joining());
    }
}
