package org.pgnet.curl;

/** How transfers find their proxy. */
public sealed interface Proxy {

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
