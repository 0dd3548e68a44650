package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.pgnet.worker.spi.Settings;

/** The values of the settings that settings.c has for the worker, by name. */
final class SettingValues implements Settings.Values {
    private final Map<String, String> values = new HashMap<>();

    /** @param namesAndValues as {@link Postgres#settings} returns them */
    SettingValues(byte[][] namesAndValues) {
        for (int i = 0; i < namesAndValues.length; i += 2) {
            values.put(
                    new String(namesAndValues[i], StandardCharsets.UTF_8),
                    new String(namesAndValues[i + 1], StandardCharsets.UTF_8));
        }
    }

    @Override
    public long number(String name) {
        return Long.parseLong(text(name));
    }

    @Override
    public String text(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalStateException("pg_net.so has no setting " + name + " for the worker");
        }
        return value;
    }
}
