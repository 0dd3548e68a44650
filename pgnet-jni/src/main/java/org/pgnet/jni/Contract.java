package org.pgnet.jni;

import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pgnet.worker.spi.DeadReason;
import org.pgnet.worker.spi.Hindrance;
import org.pgnet.worker.spi.RequestStore;

/**
 * What Java and C must agree on, as contract.c describes it: lines "record NAME SIZE", each before its "field NAME OFFSET
 * SIZE", and "names NAME", each before its "name NAME". Java takes the offsets of fields from there, into constants. Main
 * thread.
 */
final class Contract {
    private static Contract current = new Contract("");

    private final Map<String, Layout> records = new HashMap<>();
    private final Map<String, List<String>> names = new HashMap<>();

    /** @throws IllegalStateException when it is no such description */
    Contract(String description) {
        Map<String, Layout.Field> fields = Map.of();
        List<String> values = List.of();
        for (String line : description.isEmpty() ? new String[0] : description.split("\n")) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "record" -> {
                    fields = new HashMap<>();
                    records.put(words[1], Layout.inC(words[1], Integer.parseInt(words[2]), fields));
                }
                case "field" ->
                    fields.put(words[1], new Layout.Field(Integer.parseInt(words[2]), Integer.parseInt(words[3])));
                case "names" -> {
                    values = new ArrayList<>();
                    names.put(words[1], values);
                }
                case "name" -> values.add(words[1]);
                default -> throw new IllegalStateException("C describes itself by \"" + line + "\"");
            }
        }
    }

    /**
     * Makes the description known to the classes that take their offsets from it, and initialises them.
     *
     * @throws IllegalStateException when Java does not agree, with the field or name
     */
    static void open(String description) {
        current = new Contract(description);
        current.requireNames("Disposition", RequestStore.Disposition.values());
        current.requireNames("Reading", Reading.values());
        current.requireNames("Manner", Manner.values());
        current.requireNames("DeadReason", DeadReason.values());
        current.requireNames("Lane", Lane.values());
        current.requireNames("Counter", Counter.values());
        current.requireNames("Hindrance", Hindrance.values());
        initialise(PackedRequest.class);
        initialise(PackedOutcome.class);
    }

    /** The layout of a record; in a rehearsal, which has no C, fields that follow each other. */
    static Layout layout(String record) {
        if (current.records.isEmpty()) {
            return Layout.consecutive(record);
        }
        return current.record(record);
    }

    Layout record(String name) {
        Layout layout = records.get(name);
        if (layout == null) {
            throw new IllegalStateException("C does not know " + name);
        }
        return layout;
    }

    /** The constants of an enum cross as their ordinals. */
    void requireNames(String name, Enum<?>... constants) {
        List<String> inJava = new ArrayList<>();
        for (Enum<?> constant : constants) {
            inJava.add(constant.name());
        }
        List<String> inC = names.getOrDefault(name, List.of());
        if (!inJava.equals(inC)) {
            throw new IllegalStateException(name + " is " + inC + " in C and " + inJava + " in Java");
        }
    }

    private static void initialise(Class<?> holder) {
        try {
            MethodHandles.lookup().ensureInitialized(holder);
        } catch (ExceptionInInitializerError e) {
            throw new IllegalStateException(e.getCause().getMessage(), e);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }
}
