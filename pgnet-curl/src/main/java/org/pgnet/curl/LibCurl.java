package org.pgnet.curl;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.util.Optional;

/**
 * The part of libcurl that is used here, by JNA's direct mapping. Names and numbers are those of curl/curl.h,
 * curl/multi.h, curl/easy.h and curl/urlapi.h; each function and option has a manual page of its name.
 *
 * <p>Handles and pointers are addresses in a Java long, which JNA passes fastest. The setopt and getinfo functions are
 * variadic in C: on x86-64 and arm64 Linux integers and pointers are passed to those like to any other function. A {@code
 * byte[]} is a C string and ends with a zero byte (see {@link CString}).
 */
final class LibCurl {

    /** The library's name, opened as C programs open it, so that both see one copy. */
    static final String NAME = "libcurl.so.4";

    // CURLoption: CURLOPTTYPE_LONG + n, CURLOPTTYPE_OBJECTPOINT 10000 + n, FUNCTIONPOINT 20000 + n, OFF_T 30000 + n
    static final int CURLOPT_SSLVERSION = 32;
    static final int CURLOPT_HEADER = 42;
    static final int CURLOPT_NOBODY = 44;
    static final int CURLOPT_FRESH_CONNECT = 74;
    static final int CURLOPT_FORBID_REUSE = 75;
    static final int CURLOPT_DNS_CACHE_TIMEOUT = 92;
    static final int CURLOPT_NOSIGNAL = 99;
    static final int CURLOPT_SSL_SESSIONID_CACHE = 150;
    static final int CURLOPT_TIMEOUT_MS = 155;
    static final int CURLOPT_CONNECTTIMEOUT_MS = 156;
    static final int CURLOPT_TCP_KEEPALIVE = 213;
    static final int CURLOPT_SUPPRESS_CONNECT_HEADERS = 265;
    /** Since 7.87.0. */
    static final int CURLOPT_CA_CACHE_TIMEOUT = 321;
    /** Since 7.87.0, which makes that the oldest libcurl that will do. */
    static final int CURLOPT_QUICK_EXIT = 322;

    static final int CURLOPT_WRITEDATA = 10001;
    static final int CURLOPT_URL = 10002;
    static final int CURLOPT_PROXY = 10004;
    static final int CURLOPT_ERRORBUFFER = 10010;
    static final int CURLOPT_POSTFIELDS = 10015;
    static final int CURLOPT_HTTPHEADER = 10023;
    static final int CURLOPT_SSLCERT = 10025;
    static final int CURLOPT_HEADERDATA = 10029;
    static final int CURLOPT_CUSTOMREQUEST = 10036;
    static final int CURLOPT_CAINFO = 10065;
    static final int CURLOPT_SSLKEY = 10087;
    static final int CURLOPT_CAPATH = 10097;
    static final int CURLOPT_SHARE = 10100;
    static final int CURLOPT_SSL_CTX_DATA = 10109;
    static final int CURLOPT_OPENSOCKETDATA = 10164;
    static final int CURLOPT_NOPROXY = 10177;
    static final int CURLOPT_CLOSESOCKETDATA = 10209;
    static final int CURLOPT_PREREQDATA = 10313;
    static final int CURLOPT_PROTOCOLS_STR = 10318;
    static final int CURLOPT_WRITEFUNCTION = 20011;
    static final int CURLOPT_HEADERFUNCTION = 20079;
    static final int CURLOPT_SSL_CTX_FUNCTION = 20108;
    static final int CURLOPT_OPENSOCKETFUNCTION = 20163;
    static final int CURLOPT_CLOSESOCKETFUNCTION = 20208;
    static final int CURLOPT_PREREQFUNCTION = 20312;
    static final int CURLOPT_POSTFIELDSIZE_LARGE = 30120;

    static final long CURL_SSLVERSION_TLSv1_2 = 6;
    static final int CURL_ERROR_SIZE = 256;

    // CURLINFO: CURLINFO_LONG 0x200000 + n, CURLINFO_OFF_T 0x600000 + n
    static final int CURLINFO_TOTAL_TIME_T = 0x600000 + 50;
    static final int CURLINFO_NAMELOOKUP_TIME_T = 0x600000 + 51;
    static final int CURLINFO_CONNECT_TIME_T = 0x600000 + 52;
    static final int CURLINFO_STARTTRANSFER_TIME_T = 0x600000 + 54;
    static final int CURLINFO_APPCONNECT_TIME_T = 0x600000 + 56;

    // The bitmask of curl_easy_pause
    static final int CURLPAUSE_CONT = 0;

    // CURLcode
    static final int CURLE_OK = 0;
    static final int CURLE_UNSUPPORTED_PROTOCOL = 1;
    static final int CURLE_FAILED_INIT = 2;
    static final int CURLE_URL_MALFORMAT = 3;
    static final int CURLE_COULDNT_RESOLVE_PROXY = 5;
    static final int CURLE_COULDNT_RESOLVE_HOST = 6;
    static final int CURLE_COULDNT_CONNECT = 7;
    static final int CURLE_WEIRD_SERVER_REPLY = 8;
    static final int CURLE_HTTP2 = 16;
    static final int CURLE_PARTIAL_FILE = 18;
    static final int CURLE_OUT_OF_MEMORY = 27;
    static final int CURLE_OPERATION_TIMEDOUT = 28;
    static final int CURLE_SSL_CONNECT_ERROR = 35;
    static final int CURLE_ABORTED_BY_CALLBACK = 42;
    static final int CURLE_BAD_FUNCTION_ARGUMENT = 43;
    static final int CURLE_GOT_NOTHING = 52;
    static final int CURLE_SEND_ERROR = 55;
    static final int CURLE_RECV_ERROR = 56;
    static final int CURLE_SSL_CERTPROBLEM = 58;
    static final int CURLE_PEER_FAILED_VERIFICATION = 60;
    static final int CURLE_BAD_CONTENT_ENCODING = 61;
    static final int CURLE_FILESIZE_EXCEEDED = 63;
    static final int CURLE_SEND_FAIL_REWIND = 65;
    static final int CURLE_SSL_ENGINE_INITFAILED = 66;
    static final int CURLE_SSL_CACERT_BADFILE = 77;
    static final int CURLE_SSL_SHUTDOWN_FAILED = 80;
    static final int CURLE_SSL_ISSUER_ERROR = 83;
    static final int CURLE_SSL_PINNEDPUBKEYNOTMATCH = 90;
    static final int CURLE_SSL_INVALIDCERTSTATUS = 91;
    static final int CURLE_HTTP2_STREAM = 92;
    static final int CURLE_PROXY = 97;
    /** Since 8.6.0. */
    static final int CURLE_TOO_LARGE = 100;

    // CURLMcode, CURLMoption
    static final int CURLM_OK = 0;
    static final int CURLMOPT_PIPELINING = 3;
    static final long CURLPIPE_NOTHING = 0;
    static final int CURLMOPT_MAXCONNECTS = 6;
    /** Since 8.20.0. */
    static final int CURLMOPT_RESOLVE_THREADS_MAX = 20;
    /** Since 8.20.0. */
    static final int CURLMOPT_QUICK_EXIT = 21;

    // CURLSHcode, CURLSHoption, curl_lock_data
    static final int CURLSHE_OK = 0;
    static final int CURLSHOPT_SHARE = 1;
    static final long CURL_LOCK_DATA_SSL_SESSION = 4;
    static final long CURL_LOCK_DATA_CONNECT = 5;

    // CURLUcode, CURLUPart, flags of curl_url_set and curl_url_get
    static final int CURLUE_OK = 0;
    static final int CURLUE_MALFORMED_INPUT = 3;
    static final int CURLUPART_URL = 0;
    static final int CURLUPART_SCHEME = 1;
    static final int CURLUE_NO_USER = 11;
    static final int CURLUE_NO_PASSWORD = 12;
    static final int CURLUPART_USER = 2;
    static final int CURLUPART_PASSWORD = 3;
    static final int CURLUPART_HOST = 5;
    static final int CURLUPART_PORT = 6;
    static final int CURLU_DEFAULT_PORT = 1 << 0;
    static final int CURLU_URLENCODE = 1 << 7;
    static final int CURLU_ALLOW_SPACE = 1 << 11;
    /** Since 7.88.0; 7.87 ignores it. */
    static final int CURLU_PUNYCODE = 1 << 12;

    static final long CURL_GLOBAL_DEFAULT = 3;

    // CURLversion, curl_version_info_data.features
    static final int CURLVERSION_FIRST = 0;
    static final int CURL_VERSION_LIBZ = 1 << 3;
    static final int CURL_VERSION_BROTLI = 1 << 23;
    static final int CURL_VERSION_ZSTD = 1 << 26;

    /** The address of struct pgnet_libcurl of transfer/libcurl.h: what the C part of this package calls. */
    static final long FUNCTIONS;

    /** Whether libcurl was linked with OpenSSL: it has CURLOPT_SSL_CTX_FUNCTION then. */
    static final boolean HAS_OPENSSL;

    private static final String OPENSSL_TELLS_OF_RECORDS = "SSL_CTX_set_msg_callback";

    /** Keeps that struct for as long as the class lives. */
    private static final Memory FUNCTION_TABLE;

    static {
        NativeLibrary library = NativeLibrary.getInstance(NAME);
        Native.register(LibCurl.class, library);
        String[] names = {
            "curl_easy_reset",
            "curl_easy_setopt",
            "curl_easy_getinfo",
            "curl_multi_remove_handle",
            "curl_multi_perform",
            "curl_multi_info_read"
        };
        String[] ofTlsLibraries = {
            "SSL_has_pending", "SSL_ctrl", OPENSSL_TELLS_OF_RECORDS, "gnutls_record_check_pending"
        };
        FUNCTION_TABLE = new Memory((long) (names.length + ofTlsLibraries.length) * Native.POINTER_SIZE);
        FUNCTION_TABLE.clear();
        for (int i = 0; i < names.length; i++) {
            FUNCTION_TABLE.setPointer((long) i * Native.POINTER_SIZE, library.getFunction(names[i]));
        }
        for (int i = 0; i < ofTlsLibraries.length; i++) {
            long at = (long) (names.length + i) * Native.POINTER_SIZE;
            find(library, ofTlsLibraries[i]).ifPresent(function -> FUNCTION_TABLE.setPointer(at, function));
        }
        FUNCTIONS = Pointer.nativeValue(FUNCTION_TABLE);
        HAS_OPENSSL = find(library, OPENSSL_TELLS_OF_RECORDS).isPresent();
    }

    private LibCurl() {}

    /** A function of a library that libcurl was linked with, if it was. */
    private static Optional<Pointer> find(NativeLibrary library, String name) {
        try {
            return Optional.of(library.getFunction(name));
        } catch (UnsatisfiedLinkError withoutThatLibrary) {
            return Optional.empty();
        }
    }

    static native int curl_global_init_mem(long flags, long malloc, long free, long realloc, long strdup, long calloc);

    static native long curl_easy_init();

    static native void curl_easy_cleanup(long easy);

    static native int curl_easy_setopt(long easy, int option, long value);

    static native int curl_easy_pause(long easy, int bitmask);

    static native int curl_easy_getinfo(long easy, int info, long result);

    static native Pointer curl_easy_strerror(int code);

    static native long curl_slist_append(long list, byte[] line);

    static native long curl_slist_append(long list, long line);

    static native void curl_slist_free_all(long list);

    static native long curl_multi_init();

    static native int curl_multi_cleanup(long multi);

    static native int curl_multi_setopt(long multi, int option, long value);

    static native int curl_multi_add_handle(long multi, long easy);

    static native int curl_multi_poll(
            long multi, long extraDescriptors, int extraCount, int timeoutMillis, long descriptorCount);

    static native int curl_multi_wakeup(long multi);

    static native Pointer curl_multi_strerror(int code);

    static native long curl_share_init();

    static native int curl_share_setopt(long share, int option, long value);

    static native int curl_share_cleanup(long share);

    static native Pointer curl_share_strerror(int code);

    static native long curl_url();

    static native void curl_url_cleanup(long url);

    static native int curl_url_set(long url, int part, byte[] value, int flags);

    static native int curl_url_get(long url, int part, long result, int flags);

    static native Pointer curl_url_strerror(int code);

    static native void curl_free(long memory);
}
