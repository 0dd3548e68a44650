package org.pgnet.curl;

import java.util.Locale;
import java.util.Set;

/** How transfers find their proxy. */
public sealed interface Proxy {

    /**
     * As an environment with these variables says: none when it names none, which spares libcurl a look at six variables for
     * each transfer.
     */
    static Proxy of(Set<String> variables) {
        for (String variable : variables) {
            String name = variable.toLowerCase(Locale.ROOT);
            if (name.endsWith("_proxy") && !name.equals("no_proxy")) {
                return new FromEnvironment();
            }
        }
        return new None();
    }

    /** As the process's environment says: {@code http_proxy}, {@code https_proxy}, {@code all_proxy}, {@code no_proxy}. */
    record FromEnvironment() implements Proxy {}

    /** No proxy, whatever the environment says. */
    record None() implements Proxy {}

    /**
     * One proxy for every host, whatever the environment says.
     *
     * @param url as CURLOPT_PROXY(3) takes it
     */
    record At(String url) implements Proxy {}
}
