package org.pgnet.curl;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.util.Optional;

/** Owner of one CURLU handle of libcurl-url(3). One thread at a time. */
final class UrlHandle implements AutoCloseable {

    private long address = ReturnCode.checkAllocated(LibCurl.curl_url());

    /**
     * Sets the whole URL; a relative one is resolved against the one that is set.
     *
     * @throws CurlException with a CURLUcode when it does not parse
     */
    void setUrl(String url, int flags) {
        set(LibCurl.CURLUPART_URL, url, flags);
    }

    /** @throws CurlException with a CURLUcode when the part cannot be so */
    void set(int part, String value, int flags) {
        if (!CString.isPossible(value)) {
            ReturnCode.checkUrl(LibCurl.CURLUE_MALFORMED_INPUT);
        }
        ReturnCode.checkUrl(LibCurl.curl_url_set(address, part, CString.of(value), flags));
    }

    /** The user or the password as they are written, if the URL has one. */
    Optional<String> find(int part) {
        try {
            return Optional.of(get(part, 0));
        } catch (CurlException missing) {
            if (missing.code() == LibCurl.CURLUE_NO_USER || missing.code() == LibCurl.CURLUE_NO_PASSWORD) {
                return Optional.empty();
            }
            throw missing;
        }
    }

    /** @throws CurlException with a CURLUcode when there is no such part */
    String get(int part, int flags) {
        PointerByReference result = new PointerByReference();
        ReturnCode.checkUrl(LibCurl.curl_url_get(address, part, Pointer.nativeValue(result.getPointer()), flags));
        try {
            return CString.read(result.getValue());
        } finally {
            LibCurl.curl_free(Pointer.nativeValue(result.getValue()));
        }
    }

    /** A second call does nothing. */
    @Override
    public void close() {
        LibCurl.curl_url_cleanup(address);
        address = 0;
    }
}
