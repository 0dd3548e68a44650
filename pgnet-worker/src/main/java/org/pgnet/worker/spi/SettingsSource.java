package org.pgnet.worker.spi;

/** Where the settings come from. Backend thread. */
public interface SettingsSource {
    /** The settings as last read. */
    Settings settings();
}
