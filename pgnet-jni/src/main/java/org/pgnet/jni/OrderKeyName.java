package org.pgnet.jni;

/** What the engine calls an order key, which is kept as a number. */
final class OrderKeyName {
    private OrderKeyName() {}

    /** Empty for 0, which is none. */
    static String of(long number) {
        return number == 0 ? "" : Long.toHexString(number);
    }

    /** The number of a name. */
    static long number(String name) {
        return Long.parseUnsignedLong(name, 16);
    }
}
