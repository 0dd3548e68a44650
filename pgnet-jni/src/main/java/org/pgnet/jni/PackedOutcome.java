package org.pgnet.jni;

/** Where the fields of a packed outcome are, see outcome.h. */
final class PackedOutcome {
    private static final Layout LAYOUT = Contract.layout("PackedOutcome");
    static final int ID = LAYOUT.int64("id");
    static final int VERSION = LAYOUT.int64("version");
    static final int COMPLETED_MICROS = LAYOUT.int64("completed_micros");
    static final int DURATION_MICROS = LAYOUT.int64("duration_micros");
    static final int BODY_ADDRESS = LAYOUT.int64("body_address");
    static final int BODY_LENGTH = LAYOUT.int64("body_length");
    static final int COMPRESSED_ADDRESS = LAYOUT.int64("compressed_address");
    static final int COMPRESSED_LENGTH = LAYOUT.int64("compressed_length");
    static final int LONG_HEADERS_ADDRESS = LAYOUT.int64("long_headers_address");
    static final int LONG_HEADERS_LENGTH = LAYOUT.int64("long_headers_length");
    static final int DUE_MICROS = LAYOUT.int64("due_micros");
    static final int FIRST_DUE_MICROS = LAYOUT.int64("first_due_micros");
    static final int LEFT_ALONE_MICROS = LAYOUT.int64("left_alone_micros");
    static final int NAME_LOOKUP_MICROS = LAYOUT.int64("name_lookup_micros");
    static final int CONNECT_MICROS = LAYOUT.int64("connect_micros");
    static final int TLS_MICROS = LAYOUT.int64("tls_micros");
    static final int FIRST_BYTE_MICROS = LAYOUT.int64("first_byte_micros");
    static final int COUNTED = LAYOUT.int64("counted");
    static final int ATTEMPT = LAYOUT.int64("attempt");
    static final int ATTEMPTS = LAYOUT.int64("attempts");
    static final int STATUS = LAYOUT.int64("status");
    static final int TIMED_OUT = LAYOUT.int64("timed_out");
    static final int HAS_DELIVERY = LAYOUT.int64("has_delivery");
    static final int BARE = LAYOUT.int64("bare");
    static final int DEAD = LAYOUT.int64("dead");
    static final int ALIKE = LAYOUT.int64("alike");
    static final int HEADERS_BYTES = LAYOUT.int64("headers_bytes");
    static final int CONTENT_TYPE_BYTES = LAYOUT.int64("content_type_bytes");
    static final int CHARSET_BYTES = LAYOUT.int64("charset_bytes");
    static final int ERROR_BYTES = LAYOUT.int64("error_bytes");
    static final int STORE_BYTES = LAYOUT.int64("store_bytes");
    static final int RECORD_BYTES = LAYOUT.int64("record_bytes");
    static final int DISPOSITION = LAYOUT.int64("disposition");
    /** Without the texts behind it. */
    static final int BYTES = LAYOUT.size();

    private PackedOutcome() {}
}
