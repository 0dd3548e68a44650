package org.pgnet.jni;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Where the fields of a record are that both Java and C know. C says it, and Java asks for each field by name and size. */
final class Layout {
    private final String name;
    private final Map<String, Field> fields;
    private final Set<String> asked = new TreeSet<>();
    private final Optional<Integer> sizeInC;
    private int end;

    /**
     * One field.
     *
     * @param offset from the begin of the record, in bytes
     * @param size in bytes
     */
    record Field(int offset, int size) {}

    private Layout(String name, Map<String, Field> fields, Optional<Integer> sizeInC) {
        this.name = name;
        this.fields = fields;
        this.sizeInC = sizeInC;
    }

    /**
     * As C lays a record out.
     *
     * @param size of the record, without what follows it, in bytes
     */
    static Layout inC(String name, int size, Map<String, Field> fields) {
        return new Layout(name, fields, Optional.of(size));
    }

    /** For a rehearsal without C: the fields follow each other as they are asked for. */
    static Layout consecutive(String name) {
        return new Layout(name, new HashMap<>(), Optional.empty());
    }

    /** The offset of an int32. */
    int int32(String field) {
        return offset(field, Integer.BYTES);
    }

    /** The offset of an int64. */
    int int64(String field) {
        return offset(field, Long.BYTES);
    }

    /** The size of the record, once Java has asked for each of its fields. */
    int size() {
        Set<String> unknown = new TreeSet<>(fields.keySet());
        unknown.removeAll(asked);
        if (!unknown.isEmpty()) {
            throw new IllegalStateException("Java does not know " + unknown + " of " + name);
        }
        return sizeInC.orElse(end);
    }

    private int offset(String field, int size) {
        if (sizeInC.isEmpty()) {
            fields.put(field, new Field(end, size));
            end += size;
        }
        Field found = fields.get(field);
        if (found == null) {
            throw new IllegalStateException("C does not know " + field + " of " + name);
        }
        if (found.size() != size) {
            throw new IllegalStateException(
                    field + " of " + name + " has " + found.size() + " bytes in C and " + size + " in Java");
        }
        asked.add(field);
        return found.offset();
    }
}
