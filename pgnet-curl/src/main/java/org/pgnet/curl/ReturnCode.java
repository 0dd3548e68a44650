package org.pgnet.curl;

import java.util.Map;

/** The one way of libcurl's return codes into exceptions. */
final class ReturnCode {

    /** curl_easy_strerror(3) as it was until libcurl 8 reworded it; of codes that an HTTP request can end with. */
    private static final Map<Integer, String> TEXTS_BEFORE_8 = Map.of(
            LibCurl.CURLE_COULDNT_RESOLVE_PROXY, "Couldn't resolve proxy name",
            LibCurl.CURLE_COULDNT_RESOLVE_HOST, "Couldn't resolve host name",
            LibCurl.CURLE_COULDNT_CONNECT, "Couldn't connect to server",
            LibCurl.CURLE_SSL_ENGINE_INITFAILED, "Failed to initialise SSL crypto engine");

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

    /** Throws unless the CURLSHcode is CURLSHE_OK. */
    static void checkShare(int code) {
        if (code != LibCurl.CURLSHE_OK) {
            throw new CurlException(code, CString.read(LibCurl.curl_share_strerror(code)));
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

    /** What a CURLcode means. The same with every libcurl, since programs look for these texts in error rows. */
    static String easyText(int code) {
        String kept = TEXTS_BEFORE_8.get(code);
        return kept == null ? CString.read(LibCurl.curl_easy_strerror(code)) : kept;
    }
}
