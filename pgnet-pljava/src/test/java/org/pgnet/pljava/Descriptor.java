package org.pgnet.pljava;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The deployment descriptor of the jar, read as PL/Java reads it: commands end at a semicolon outside of quotes. */
final class Descriptor {
    private static final Pattern FUNCTION = Pattern.compile(
            "create or replace function net\\.(\\w+)\\((.*)\\) returns (\\S+) language java .* as '(?:(\\w+)=)?([\\w.]+)\\.(\\w+)\\((.*)\\)'");
    private static final Pattern TYPE = Pattern.compile("\\w+ (?:pg_catalog\\.)?(\\w+)(?: default .*)?");

    private Descriptor() {}

    /**
     * A function that the descriptor replaces with Java.
     *
     * @param types the SQL types of its arguments
     * @param javaResult empty when the result is a row that the method writes
     */
    record Deployed(
            String name,
            List<String> types,
            String javaResult,
            String javaClass,
            String method,
            List<String> javaTypes) {

        /** As in {@code http_get(text, jsonb)}. */
        String signature() {
            return name + "(" + String.join(", ", types) + ")";
        }
    }

    static List<Deployed> functions() {
        List<Deployed> functions = new ArrayList<>();
        for (String command : commands("INSTALL")) {
            Matcher function = FUNCTION.matcher(command);
            if (function.matches()) {
                functions.add(new Deployed(
                        function.group(1),
                        types(function.group(2)),
                        function.group(4) == null ? "" : function.group(4),
                        function.group(5),
                        function.group(6),
                        List.of(function.group(7).split(","))));
            }
        }
        return functions;
    }

    /** The commands of the group INSTALL or REMOVE. */
    static List<String> commands(String group) {
        String text = text();
        String begin = "\"BEGIN " + group + "\n";
        String block = text.substring(text.indexOf(begin) + begin.length(), text.indexOf("END " + group + "\""));
        List<String> commands = new ArrayList<>();
        StringBuilder command = new StringBuilder();
        boolean quoted = false;
        for (char c : block.toCharArray()) {
            quoted ^= c == '\'';
            if (c == ';' && !quoted) {
                commands.add(command.toString().strip());
                command.setLength(0);
            } else {
                command.append(c);
            }
        }
        return commands;
    }

    private static List<String> types(String parameters) {
        List<String> types = new ArrayList<>();
        for (String parameter : parameters.split(", ")) {
            Matcher type = TYPE.matcher(parameter);
            if (!type.matches()) {
                throw new AssertionError("not a parameter: " + parameter);
            }
            types.add(type.group(1));
        }
        return types;
    }

    private static String text() {
        try (InputStream in = Descriptor.class.getResourceAsStream("/pljava.ddr")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
