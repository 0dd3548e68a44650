package org.pgnet.curl;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.file.Path;

/** The C part of this package, src/main/c, by JNA's direct mapping. */
final class LibPgnet {

    /** The system property that names the directory of libpgnet_curl.so. */
    static final String LIBRARY_PATH_PROPERTY = "pgnet.library.path";

    static final int PGNET_SINK_OK = 0;
    static final int PGNET_SINK_BODY_TOO_LARGE = 1;
    static final int PGNET_SINK_HEADERS_TOO_LARGE = 2;
    static final int PGNET_SINK_OUT_OF_MEMORY = 3;
    static final int PGNET_SINK_NOT_IN_ITS_CODING = 4;
    static final int PGNET_SINK_FIRST_HEADER_FOLDED = 5;

    static final int PGNET_SINK_IN_HEADERS = 1;

    static final int PGNET_SINK_ROOM = 16;

    // Offsets in struct pgnet_sink, asserted in sink.c
    static final int SIZE = 200;
    static final int BODY = 0;
    static final int BODY_LENGTH = 8;
    static final int BODY_CAPACITY = 16;
    static final int HEADERS = 24;
    static final int HEADERS_LENGTH = 32;
    static final int FAILURE = 64;
    static final int PHASE = 68;
    static final int LEASE_WANTED = 72;
    static final int PAUSE_NUMBER = 80;
    static final int LEASED = 96;
    static final int LINE_BYTES = 112;
    static final int COUNTED = 120;
    static final int LEASE_TOTAL = 144;

    // Offsets in struct pgnet_sinks, asserted in sink.c
    static final int SINKS_SIZE = 16;
    static final int SINKS_PAUSES = 0;
    static final int SINKS_UNLEASED = 8;

    // Offsets in struct pgnet_guard, asserted in guard.c
    static final int GUARD_SIZE = 200;
    static final int GUARD_DENIED = 0;
    static final int GUARD_SOCKETS = 8;
    static final int GUARD_LIBCURL = 16;
    static final int GUARD_EASY = 24;
    static final int GUARD_OWNER = 32;
    static final int GUARD_POOL = 40;
    static final int GUARD_FRESH = 48;
    static final int GUARD_OPENED = 52;
    static final int GUARD_REFUSED = 56;
    static final int GUARD_SENT = 60;
    static final int GUARD_UNFIT = 64;
    static final int GUARD_SOCKET = 68;
    static final int GUARD_BODY_LENGTH = 72;
    static final int GUARD_WATCH = 80;
    static final int GUARD_REPEATABLE = 88;
    static final int GUARD_ANSWERED = 92;
    static final int GUARD_ADDRESS = 96;
    static final int GUARD_NETWORK = 142;

    /** Address for CURLOPT_HEADERFUNCTION. */
    static final long PGNET_SINK_HEADER;

    /** Address for CURLOPT_WRITEFUNCTION. */
    static final long PGNET_SINK_BODY;

    /** Address for CURLOPT_HEADERFUNCTION of libcurl before 8.1, with CURLOPT_HEADER. */
    static final long PGNET_FIRST_HEADER_LINE;

    /** Address for CURLOPT_WRITEFUNCTION, likewise. */
    static final long PGNET_FIRST_HEADER_WRITE;

    /** Address for CURLOPT_OPENSOCKETFUNCTION. */
    static final long PGNET_GUARD_OPEN;

    /** Address for CURLOPT_CLOSESOCKETFUNCTION. */
    static final long PGNET_SOCKETS_CLOSE;

    /** Address for CURLOPT_SSL_CTX_FUNCTION. */
    static final long PGNET_SOCKETS_TLS;

    /** Address for CURLOPT_PREREQFUNCTION. */
    static final long PGNET_GUARD_REQUEST;

    // Addresses for curl_global_init_mem
    static final long PGNET_MEMORY_MALLOC;
    static final long PGNET_MEMORY_FREE;
    static final long PGNET_MEMORY_REALLOC;
    static final long PGNET_MEMORY_STRDUP;
    static final long PGNET_MEMORY_CALLOC;

    static {
        NativeLibrary library = NativeLibrary.getInstance(file().toString());
        Native.register(LibPgnet.class, library);
        PGNET_SINK_HEADER = Pointer.nativeValue(library.getFunction("pgnet_sink_header"));
        PGNET_SINK_BODY = Pointer.nativeValue(library.getFunction("pgnet_sink_body"));
        PGNET_FIRST_HEADER_LINE = Pointer.nativeValue(library.getFunction("pgnet_first_header_line"));
        PGNET_FIRST_HEADER_WRITE = Pointer.nativeValue(library.getFunction("pgnet_first_header_write"));
        PGNET_MEMORY_MALLOC = Pointer.nativeValue(library.getFunction("pgnet_memory_malloc"));
        PGNET_MEMORY_FREE = Pointer.nativeValue(library.getFunction("pgnet_memory_free"));
        PGNET_MEMORY_REALLOC = Pointer.nativeValue(library.getFunction("pgnet_memory_realloc"));
        PGNET_MEMORY_STRDUP = Pointer.nativeValue(library.getFunction("pgnet_memory_strdup"));
        PGNET_MEMORY_CALLOC = Pointer.nativeValue(library.getFunction("pgnet_memory_calloc"));
        PGNET_GUARD_OPEN = Pointer.nativeValue(library.getFunction("pgnet_guard_open"));
        PGNET_SOCKETS_CLOSE = Pointer.nativeValue(library.getFunction("pgnet_sockets_close"));
        PGNET_SOCKETS_TLS = Pointer.nativeValue(library.getFunction("pgnet_sockets_tls"));
        PGNET_GUARD_REQUEST = Pointer.nativeValue(library.getFunction("pgnet_guard_request"));
    }

    private LibPgnet() {}

    /** Opens the library, if that was not done before. */
    static void load() {
        // The work is done by the static initialiser.
    }

    /** The file to open; nothing else is searched. */
    private static Path file() {
        String directory = System.getProperty(LIBRARY_PATH_PROPERTY);
        if (directory == null) {
            throw new UnsatisfiedLinkError("the system property " + LIBRARY_PATH_PROPERTY + " is not set");
        }
        return Path.of(directory, "libpgnet_curl.so").toAbsolutePath();
    }

    static native long pgnet_utf8_begin();

    static native void pgnet_utf8_end(long previous);

    static native long pgnet_sink_create(long shared, long guard);

    static native void pgnet_sink_reset(long sink, long maxBody);

    static native void pgnet_sink_decode(long sink);

    static native void pgnet_sink_end(long sink, int whole);

    static native void pgnet_sink_shrink_body(long sink);

    static native void pgnet_sink_destroy(long sink);

    /** Any thread. */
    static native void pgnet_block_keep(long block);

    /** Any thread. */
    static native void pgnet_blocks_free();

    static native long pgnet_denied_create();

    static native int pgnet_denied_set(long denied, byte[] networks);

    static native int pgnet_denied_contains(long denied, byte[] address);

    static native void pgnet_denied_destroy(long denied);

    static native long pgnet_sockets_create();

    static native int pgnet_sockets_count(long sockets, long pool);

    static native void pgnet_sockets_destroy(long sockets);

    static native int pgnet_hosts_allow(byte[] patterns, byte[] host);

    static native void pgnet_host_ranks(byte[] patterns, int count, byte[] host, int port, int[] ranks);

    static native int pgnet_set_options(long functions, long easy, int reset, long options, int count);

    static native int pgnet_perform(long functions, long multi, long completions, int capacity, long count);

    static native int pgnet_remove(long functions, long multi, long easy, long figures);
}
