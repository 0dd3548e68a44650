package org.pgnet.worker.spi;

import org.pgnet.curl.NativeBytes;

/**
 * A request as its caller made it.
 *
 * @param method the request method, in any case
 * @param url the absolute URL, validated when it was queued
 * @param headersJson the headers as the text of a JSON object in UTF-8: string, number, boolean or array members, null
 *     members are skipped; empty for none
 * @param body the body, owned by this request until its outcome is recorded; empty for none
 * @param timeoutMillis the most milliseconds from sending to the last byte of the response, 0 for no limit, {@link
 *     #TIMEOUT_OF_HOST} when the request names none
 * @param secrets the secrets that it names
 */
public record HttpRequest(
        String method, String url, byte[] headersJson, NativeBytes body, int timeoutMillis, NamedSecrets secrets) {

    /** In the place of a timeout: that of the host, and {@link #DEFAULT_TIMEOUT_MILLIS} without one. */
    public static final int TIMEOUT_OF_HOST = -1;

    /** Of a request that names none, to a host that has none. */
    public static final int DEFAULT_TIMEOUT_MILLIS = 5_000;

    /** In the place of a request that is not known. */
    public static final HttpRequest NONE = new HttpRequest("", "", new byte[0], NativeBytes.empty(), 0);

    /** One that names no secrets. */
    public HttpRequest(String method, String url, byte[] headersJson, NativeBytes body, int timeoutMillis) {
        this(method, url, headersJson, body, timeoutMillis, NamedSecrets.NONE);
    }

    /** The most milliseconds to the last byte of the response, where these terms hold; 0 for no limit. */
    public int timeoutMillis(HostTerms terms) {
        return timeoutMillis == TIMEOUT_OF_HOST ? terms.timeoutMillis().orElse(DEFAULT_TIMEOUT_MILLIS) : timeoutMillis;
    }
}
