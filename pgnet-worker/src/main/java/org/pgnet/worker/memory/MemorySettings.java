package org.pgnet.worker.memory;

import java.util.HashMap;
import java.util.Map;
import org.pgnet.worker.spi.Settings;

/** Settings by name: those not given are as PostgreSQL has them by default or, where nothing depends on them, 0 and empty. */
public final class MemorySettings implements Settings.Values {
    private final Map<String, Object> values = new HashMap<>(Map.of(
            "pg_net.batch_size",
            200,
            "pg_net.max_connections_per_host",
            64,
            "pg_net.ttl",
            6 * 3_600 * 1_000_000L,
            "pg_net.attempt_ttl",
            7 * 24 * 3_600 * 1_000_000L,
            "pg_net.dead_letter_ttl",
            7 * 24 * 3_600 * 1_000_000L,
            "pg_net.max_response_size",
            64 << 20,
            "pg_net.max_response_memory",
            256 << 20,
            "pg_net.allowed_hosts",
            "*"));

    private MemorySettings() {}

    /** The defaults, but for these: a name, its value, and so on. */
    public static Settings of(Object... namesAndValues) {
        MemorySettings settings = new MemorySettings();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            settings.values.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return Settings.of(settings, "pg_net/test");
    }

    @Override
    public long number(String name) {
        return ((Number) values.getOrDefault(name, 0)).longValue();
    }

    @Override
    public String text(String name) {
        return (String) values.getOrDefault(name, "");
    }
}
