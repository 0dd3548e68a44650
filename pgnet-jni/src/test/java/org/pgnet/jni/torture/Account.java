package org.pgnet.jni.torture;

import java.util.List;
import java.util.Set;

/**
 * What the database says of the requests.
 *
 * @param committed the tokens of all requests that were committed
 * @param responded those of requests that a server answered
 * @param removed how many of the committed ones a user removed before they had a response
 * @param failed how many responses say why there is none
 * @param lost how many were neither answered nor removed
 * @param wrong what must not be, a line for each kind
 */
record Account(Set<String> committed, Set<String> responded, long removed, long failed, long lost, List<String> wrong) {
    /** The committed requests that are to have a response. */
    long due() {
        return committed.size() - removed;
    }
}
