package org.pgnet.server.command;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import org.pgnet.server.database.Capabilities;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Secrets. */
@Command(
        name = "secret",
        description = "Secrets of the role that is logged in.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = SecretCommand.Set.class)
final class SecretCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name a command.");
    }

    /** Makes a secret or gives it another value, which never stands in a command line or a statement. */
    @Command(
            name = "set",
            description =
                    "Make a secret, or give it another value. The value is asked for, or read from standard input up to the end"
                            + " of its first line; it is sent as a parameter, so that no log of statements has it.",
            mixinStandardHelpOptions = true)
    static final class Set implements Callable<Integer> {
        @Mixin
        private ConnectionOptions database;

        @Parameters(paramLabel = "NAME")
        private String name;

        @Option(
                names = "--host",
                paramLabel = "HOST",
                required = true,
                description = "Where it may be sent, by https; several times for several")
        private List<String> hosts;

        @Option(
                names = "--role",
                paramLabel = "ROLE",
                description = "Which other role may use it; several times for several")
        private List<String> roles = List.of();

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws SQLException, IOException {
            try (Connection connection = database.open()) {
                if (!Capabilities.of(connection).secrets()) {
                    spec.commandLine().getErr().println("pgnet: this version of the extension has no secrets");
                    return ExitCodes.UNAVAILABLE;
                }
                store(connection, value());
            }
            spec.commandLine().getOut().println("Secret \"" + Terminal.safe(name) + "\" is set.");
            spec.commandLine().getOut().flush();
            return ExitCodes.WELL;
        }

        private void store(Connection connection, String value) throws SQLException {
            String sql = "select net.set_secret(?, ?, hosts => ?"
                    + (roles.isEmpty() ? "" : ", roles => cast(? as regrole[])") + ")";
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setString(1, name);
                statement.setString(2, value);
                Array hostArray = connection.createArrayOf("text", hosts.toArray());
                statement.setArray(3, hostArray);
                if (!roles.isEmpty()) {
                    statement.setArray(4, connection.createArrayOf("text", roles.toArray()));
                }
                statement.execute();
            }
        }

        private String value() throws IOException {
            Console console = System.console();
            if (console != null) {
                char[] typed = console.readPassword("Value of %s: ", name);
                return nonEmpty(typed == null ? "" : new String(typed));
            }
            BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            String line = input.readLine();
            return nonEmpty(line == null ? "" : line);
        }

        private String nonEmpty(String value) {
            if (value.isEmpty()) {
                throw new ParameterException(spec.commandLine(), "There is no value.");
            }
            return value;
        }
    }
}
