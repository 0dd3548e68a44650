package org.pgnet.server;

import org.pgnet.server.command.PgnetCommand;

/** The program. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(PgnetCommand.run(arguments));
    }
}
