package org.pgnet.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class PgnetCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "ui --help",
                "doctor --help",
                "top --help",
                "requests --help",
                "retry --help",
                "secret --help",
                "secret set --help"
            })
    void helpFitsAScreen(String line) {
        assertThat(run(line.split(" "))).isZero();
        assertThat(out.toString().lines()).hasSizeBetween(5, 40).allMatch(text -> text.length() <= 80);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nothing",
                "requests --limit 0",
                "requests --state nonsense",
                "requests status:abc",
                "retry",
                "retry 1 --host a --since b",
                "retry --host a",
                "ui --listen 8432",
                "ui --tls-key x",
                "doctor --url mysql://a",
                "ui --listen 0.0.0.0:0",
                "secret"
            })
    void aLineThatCannotBeReadIsSaid(String line) {
        assertThat(run(line.isEmpty() ? new String[0] : line.split(" "))).isEqualTo(ExitCodes.USAGE);
        assertThat(err.toString()).isNotBlank().doesNotContain("Exception", "\tat ");
    }

    @Test
    void aDatabaseThatDoesNotAnswerIsSaidInALine() {
        assertThat(run("doctor", "--url", "postgresql://app:hunter2@127.0.0.1:1/x"))
                .isEqualTo(ExitCodes.UNAVAILABLE);
        assertThat(err.toString()).startsWith("pgnet: ").doesNotContain("hunter2", "\tat ");
    }

    @Test
    void aTerminalIsNotCommandedByWhatIsShown() {
        assertThat(Terminal.safe("a\u001b[31mred\u202e\u0007")).isEqualTo("a\uFFFD[31mred\uFFFD\uFFFD");
        assertThat(Terminal.column("long text", 5)).isEqualTo("long…");
        assertThat(Terminal.column("ab", 5)).isEqualTo("ab   ");
    }

    private int run(String... arguments) {
        CommandLine line = PgnetCommand.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }
}
