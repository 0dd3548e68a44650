package org.pgnet.worker.spi;

/**
 * Request ids from {@code first} to {@code last}, both included. Not every id in it need have a row.
 *
 * @param first the lowest id
 * @param last the highest id, not below {@code first}
 */
public record IdRange(long first, long last) {

    /** Checks the order of the two ends. */
    public IdRange {
        if (first > last) {
            throw new IllegalArgumentException("first id " + first + " is above last id " + last);
        }
    }
}
