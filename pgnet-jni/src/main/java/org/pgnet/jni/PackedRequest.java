package org.pgnet.jni;

/** Where the fields of a packed request are, see request.h. */
final class PackedRequest {
    private static final Layout ALL = Contract.layout("PackedRequests");
    static final int LAST = ALL.int64("last");
    static final int COMPLETE = ALL.int32("complete");
    static final int COUNT = ALL.int32("count");
    /** Of what is before the first request. */
    static final int HEAD_BYTES = ALL.size();

    private static final Layout ONE = Contract.layout("PackedRequest");
    static final int ID = ONE.int64("id");
    static final int VERSION = ONE.int64("version");
    static final int BODY_ADDRESS = ONE.int64("body_address");
    static final int BODY_LENGTH = ONE.int64("body_length");
    static final int CONTEXT_BYTES = ONE.int64("context_bytes");
    static final int CREATED_MICROS = ONE.int64("created_micros");
    static final int EXPIRES_MICROS = ONE.int64("expires_micros");
    static final int FIRST_DUE_MICROS = ONE.int64("first_due_micros");
    static final int ORDER_KEY = ONE.int64("order_key");
    static final int OWNER = ONE.int64("owner");
    static final int LANE = ONE.int64("lane");
    static final int TIMEOUT_MILLIS = ONE.int64("timeout_millis");
    static final int METHOD_BYTES = ONE.int64("method_bytes");
    static final int URL_BYTES = ONE.int64("url_bytes");
    static final int HEADERS_BYTES = ONE.int64("headers_bytes");
    static final int REFUSAL_BYTES = ONE.int64("refusal_bytes");
    static final int POLICY_BYTES = ONE.int64("policy_bytes");
    static final int SECRETS_BYTES = ONE.int64("secrets_bytes");
    static final int SIGN_WITH_BYTES = ONE.int64("sign_with_bytes");
    static final int WEBHOOK_BYTES = ONE.int64("webhook_bytes");
    static final int ATTEMPTS = ONE.int64("attempts");
    static final int COUNTED = ONE.int64("counted");
    static final int HAS_DELIVERY = ONE.int64("has_delivery");
    static final int RECORD_BYTES = ONE.int64("record_bytes");
    /** Without the texts behind it. */
    static final int BYTES = ONE.size();

    private PackedRequest() {}
}
