package org.pgnet.curl;

import java.io.Serial;

/** libcurl refused a call, or cannot be used at all. Keeps libcurl's number and text. */
public final class CurlException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final int code;

    /**
     * @param code the CURLcode, CURLMcode or CURLUcode, by the function that failed
     * @param text what went wrong, for the user
     */
    CurlException(int code, String text) {
        super(text);
        this.code = code;
    }

    CurlException(int code, String text, Throwable cause) {
        super(text, cause);
        this.code = code;
    }

    /** The CURLcode, CURLMcode or CURLUcode, by what failed. */
    public int code() {
        return code;
    }
}
