package org.pgnet.jni.torture;

/** What is at the other end. */
final class NetworkFaults {
    private NetworkFaults() {}

    /** Requests in flight end in mid-air, and new ones are refused. */
    static void serverAway(Torture torture) {
        torture.receiver().goAway();
        torture.pause(1_000);
        torture.receiver().comeBack();
    }
}
