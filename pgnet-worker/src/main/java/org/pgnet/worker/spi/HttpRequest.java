package org.pgnet.worker.spi;

import org.pgnet.curl.NativeBytes;

/**
 * A request as its caller wants it sent.
 *
 * @param method the request method, in any case
 * @param url the absolute URL, validated when it was queued
 * @param headersJson the headers as the text of a JSON object in UTF-8: string, number, boolean or array members, null
 *     members are skipped; empty for none
 * @param body the body, owned by this request until its outcome is recorded; empty for none
 * @param timeoutMillis the most milliseconds from sending to the last byte of the response, 0 for no limit
 */
public record HttpRequest(String method, String url, byte[] headersJson, NativeBytes body, int timeoutMillis) {

    /** In the place of a request that is not known. */
    public static final HttpRequest NONE = new HttpRequest("", "", new byte[0], NativeBytes.empty(), 0);
}
