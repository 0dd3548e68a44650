package org.pgnet.jni;

import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** JSON texts for a fuzzer; of characters that JSON permits and a database may not. */
final class Json {
    private Json() {}

    /** Mostly objects of strings, as headers and parameters should be. */
    static Arbitrary<String> objects() {
        Arbitrary<String> likely = object(Arbitraries.frequencyOf(Tuple.of(4, strings()), Tuple.of(1, values(2))));
        return Arbitraries.frequencyOf(Tuple.of(6, likely), Tuple.of(3, Arbitraries.of("{}")), Tuple.of(1, values(3)));
    }

    private static Arbitrary<String> values(int depth) {
        Arbitrary<String> leaf = Arbitraries.oneOf(
                strings(),
                Arbitraries.of("null", "true", "0", "-1e308", "123456789012345678901234567890.5", "[]", "{}"));
        if (depth == 0) {
            return leaf;
        }
        Arbitrary<String> inner = values(depth - 1);
        Arbitrary<String> array = inner.list().ofMaxSize(4).map(list -> "[" + String.join(", ", list) + "]");
        return Arbitraries.oneOf(leaf, array, object(inner));
    }

    private static Arbitrary<String> object(Arbitrary<String> value) {
        return Combinators.combine(names(), value)
                .as((name, text) -> name + ": " + text)
                .list()
                .ofMaxSize(5)
                .map(members -> "{" + String.join(", ", members) + "}");
    }

    private static Arbitrary<String> names() {
        Arbitrary<String> known = Arbitraries.of(
                "Host",
                "content-type",
                "Content-Length",
                "Transfer-Encoding",
                "Accept-Encoding",
                "Cookie",
                "Connection",
                "Expect",
                "Range",
                "TE",
                "Upgrade",
                "X-A",
                "x:y",
                "A B",
                "");
        return Arbitraries.frequencyOf(Tuple.of(2, known.map(Json::quote)), Tuple.of(1, strings()));
    }

    private static Arbitrary<String> strings() {
        Arbitrary<String> plain = Arbitraries.strings().withCharRange(' ', '~').ofMaxLength(30);
        Arbitrary<String> any = Arbitraries.strings().all().ofMaxLength(20);
        return Arbitraries.frequencyOf(Tuple.of(4, plain), Tuple.of(1, any)).map(Json::quote);
    }

    /** Every other than a plain character as an escape, the halves of surrogate pairs and NUL too. */
    private static String quote(String text) {
        return text.chars()
                .mapToObj(each -> each < ' ' || each > '~' || each == '"' || each == '\\'
                        ? String.format("\\u%04x", each)
                        : String.valueOf((char) each))
                .collect(Collectors.joining("", "\"", "\""));
    }
}
