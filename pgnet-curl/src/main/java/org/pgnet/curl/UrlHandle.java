package org.pgnet.curl;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;

/** Owner of one CURLU handle of libcurl-url(3). One thread at a time. */
final class UrlHandle implements AutoCloseable {

    private long address = ReturnCode.checkAllocated(LibCurl.curl_url());

    /**
     * Sets the whole URL; a relative one is resolved against the one that is set.
     *
     * @throws CurlException with a CURLUcode when it does not parse
     */
    void setUrl(String url, int flags) {
        if (!CString.isPossible(url)) {
            ReturnCode.checkUrl(LibCurl.CURLUE_MALFORMED_INPUT);
        }
        ReturnCode.checkUrl(LibCurl.curl_url_set(address, LibCurl.CURLUPART_URL, CString.of(url), flags));
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
