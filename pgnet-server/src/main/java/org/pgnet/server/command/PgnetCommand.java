package org.pgnet.server.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code pgnet} itself. */
@Command(
        name = "pgnet",
        description = "What pg_net does, and why: in a terminal, in a browser, for Prometheus.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "The database is that of --url, or of libpq's variables PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD.",
            "pgnet generate-completion prints completions for bash and zsh."
        },
        subcommands = {
            UiCommand.class,
            DoctorCommand.class,
            TopCommand.class,
            RequestsCommand.class,
            RetryCommand.class,
            SecretCommand.class,
            AutoComplete.GenerateCompletion.class
        })
public final class PgnetCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Runs a command line; returns its exit code. */
    public static int run(String... arguments) {
        return commandLine().execute(arguments);
    }

    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new PgnetCommand())
                .setExecutionExceptionHandler((failure, failed, parsed) -> tell(failure, failed));
        withExitCodes(commandLine);
        return commandLine;
    }

    /** The codes of commands are not those of the commands above them, unless that is said. */
    private static void withExitCodes(CommandLine commandLine) {
        commandLine.getCommandSpec().exitCodeOnInvalidInput(ExitCodes.USAGE);
        commandLine.getSubcommands().values().forEach(PgnetCommand::withExitCodes);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name a command.");
    }

    /** What fails is said in a line, not as a stack trace. */
    private static int tell(Exception failure, CommandLine commandLine) throws Exception {
        PrintWriter err = commandLine.getErr();
        if (failure instanceof SQLException refused) {
            err.println("pgnet: " + refused.getMessage());
            return ExitCodes.UNAVAILABLE;
        }
        if (failure instanceof IllegalArgumentException || failure instanceof IOException) {
            err.println("pgnet: " + failure.getMessage());
            return ExitCodes.USAGE;
        }
        throw failure;
    }
}
