package org.pgnet.curl;

/** The one way of libcurl's return codes into exceptions. */
final class ReturnCode {

    private ReturnCode() {}

    /** Throws unless the CURLcode is CURLE_OK. */
    static void checkEasy(int code) {
        if (code != LibCurl.CURLE_OK) {
            throw new CurlException(code, easyText(code));
        }
    }

    /** Throws unless the CURLMcode is CURLM_OK. */
    static void checkMulti(int code) {
        if (code != LibCurl.CURLM_OK) {
            throw new CurlException(code, CString.read(LibCurl.curl_multi_strerror(code)));
        }
    }

    /** Throws unless the CURLUcode is CURLUE_OK. */
    static void checkUrl(int code) {
        if (code != LibCurl.CURLUE_OK) {
            throw new CurlException(code, CString.read(LibCurl.curl_url_strerror(code)));
        }
    }

    /** Returns the address, or throws: these constructors fail for want of memory only. */
    static long checkAllocated(long address) {
        if (address == 0) {
            throw new CurlException(LibCurl.CURLE_OUT_OF_MEMORY, easyText(LibCurl.CURLE_OUT_OF_MEMORY));
        }
        return address;
    }

    /** libcurl's text for a CURLcode. */
    static String easyText(int code) {
        return CString.read(LibCurl.curl_easy_strerror(code));
    }
}
