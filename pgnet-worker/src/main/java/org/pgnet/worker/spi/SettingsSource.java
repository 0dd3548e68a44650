package org.pgnet.worker.spi;

/** Where the settings come from. Backend thread. */
public interface SettingsSource {
    /** The settings as last read; while they cannot be read, such that send nothing. */
    Settings settings();

    /** Why they have not been read for a while, in words for everybody; empty when they were. */
    default String trouble() {
        return "";
    }

    /** The nanoseconds until {@link #settings} is to be asked again, whatever else happens; {@link Long#MAX_VALUE} for never. */
    default long nanosUntilDue() {
        return Long.MAX_VALUE;
    }
}
