package org.pgnet.curl;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import java.util.Optional;

/** The loaded libcurl. Any thread. */
public final class CurlLibrary {

    /** 7.87.0 as in LIBCURL_VERSION_NUM: the first with CURLOPT_QUICK_EXIT. */
    static final int OLDEST_VERSION = 0x075700;

    /** 8.20.0, the first with CURLMOPT_QUICK_EXIT and CURLMOPT_RESOLVE_THREADS_MAX. */
    static final int RESOLVER_POOL_VERSION = 0x081400;

    /** 8.13.0, the first that sends a request without the header lines that it finds too long. */
    private static final int LONG_HEADERS_LEFT_OUT_VERSION = 0x080d00;

    /** 8.22.0, which sends them again. */
    private static final int LONG_HEADERS_SENT_VERSION = 0x081600;

    // Offsets in curl_version_info_data: int age, char *version, unsigned version_num, char *host, int features
    static final int VERSION_OFFSET = 8;
    static final int VERSION_NUMBER_OFFSET = 16;
    static final int FEATURES_OFFSET = 32;

    /** Where JNA looks for libraries; read when it loads its first one. */
    private static final String JNA_SEARCH_PATH_PROPERTY = "jna.platform.library.path";

    private static volatile CurlLibrary loaded;
    /** Why it could not be loaded: a second attempt would only say that there was a first one. */
    private static Optional<CurlException> failure = Optional.empty();

    private final String version;
    private final int versionNumber;
    private final int features;

    private CurlLibrary(Pointer versionInfo) {
        this.version = CString.read(versionInfo.getPointer(VERSION_OFFSET));
        this.versionNumber = versionInfo.getInt(VERSION_NUMBER_OFFSET);
        this.features = versionInfo.getInt(FEATURES_OFFSET);
    }

    /**
     * Loads libcurl and the sink, and calls curl_global_init(3), once in the life of the process; every later call is
     * free.
     *
     * @throws CurlException when a library cannot be loaded or libcurl is older than 7.87.0; names what was found
     */
    public static void initialise() {
        loaded();
    }

    /**
     * Does a part of what {@link #initialise} waits for, while another thread is in there: the JVM makes the class by which
     * JNA reads the annotation at its structures.
     */
    public static void helpInitialise() {
        Annotated.class.getAnnotation(Structure.FieldOrder.class);
    }

    /** As JNA's structures are. */
    @Structure.FieldOrder({})
    private static final class Annotated {}

    /**
     * The version of the loaded libcurl, for example {@code 7.88.1}.
     *
     * @throws CurlException as {@link #initialise()}
     */
    public static String version() {
        return loaded().version;
    }

    /** Whether libcurl is this version or later, a number as LIBCURL_VERSION_NUM. */
    static boolean isAtLeast(int wantedVersion) {
        return loaded().versionNumber >= wantedVersion;
    }

    /** Whether libcurl would send a request without a header line of more than 300 kB, and say nothing of it. */
    static boolean leavesOutLongHeaders() {
        return isAtLeast(LONG_HEADERS_LEFT_OUT_VERSION) && !isAtLeast(LONG_HEADERS_SENT_VERSION);
    }

    /** Whether libcurl was built with this CURL_VERSION_ feature. */
    static boolean has(int feature) {
        return (loaded().features & feature) != 0;
    }

    private static CurlLibrary loaded() {
        CurlLibrary library = loaded;
        return library == null ? load() : library;
    }

    private static synchronized CurlLibrary load() {
        if (loaded != null) {
            return loaded;
        }
        if (failure.isPresent()) {
            throw failure.get();
        }
        try {
            loaded = loadOnce();
            return loaded;
        } catch (CurlException e) {
            failure = Optional.of(e);
            throw e;
        }
    }

    private static CurlLibrary loadOnce() {
        try {
            CurlLibrary library = new CurlLibrary(versionInfo());
            requireVersion(library.versionNumber, library.version);
            ReturnCode.checkEasy(LibCurl.curl_global_init_mem(
                    LibCurl.CURL_GLOBAL_DEFAULT,
                    LibPgnet.PGNET_MEMORY_MALLOC,
                    LibPgnet.PGNET_MEMORY_FREE,
                    LibPgnet.PGNET_MEMORY_REALLOC,
                    LibPgnet.PGNET_MEMORY_STRDUP,
                    LibPgnet.PGNET_MEMORY_CALLOC));
            return library;
        } catch (LinkageError e) {
            throw new CurlException(LibCurl.CURLE_FAILED_INIT, "cannot load a native library: " + e.getMessage(), e);
        }
    }

    /** Asked before {@link LibCurl} is touched, which cannot register itself with a libcurl that lacks a function. */
    private static Pointer versionInfo() {
        if (System.getProperty(JNA_SEARCH_PATH_PROPERTY) == null) {
            // Else JNA starts /sbin/ldconfig as a child process to learn what dlopen(3) knows anyway.
            System.setProperty(JNA_SEARCH_PATH_PROPERTY, "");
        }
        return (Pointer) NativeLibrary.getInstance(LibCurl.NAME)
                .getFunction("curl_version_info")
                .invoke(Pointer.class, new Object[] {LibCurl.CURLVERSION_FIRST});
    }

    static void requireVersion(int number, String name) {
        if (number < OLDEST_VERSION) {
            throw new CurlException(
                    LibCurl.CURLE_FAILED_INIT, "libcurl 7.87.0 or later is needed, " + LibCurl.NAME + " is " + name);
        }
    }
}
