package org.pgnet.jni.torture;

import java.util.List;

/**
 * How a round, or a part of it, ended.
 *
 * @param account what the database says
 * @param repeated how often a request was sent again
 * @param wrong what must not be, a line for each kind, with the fault and the seed; empty when all is well
 */
record Result(Account account, long repeated, List<String> wrong) {
    /** The round in one line. */
    String line() {
        return account.due() + " committed, " + (account.due() - account.lost()) + " answered, " + repeated
                + " sent twice, " + account.lost() + " lost";
    }
}
