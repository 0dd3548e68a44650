package org.pgnet.server.command;

/** What the program returns to its shell; the two of failures are those of sysexits.h. */
final class ExitCodes {
    static final int WELL = 0;
    static final int ADVICE = 1;
    static final int TROUBLE = 2;
    static final int USAGE = 64;
    static final int UNAVAILABLE = 69;

    private ExitCodes() {}
}
