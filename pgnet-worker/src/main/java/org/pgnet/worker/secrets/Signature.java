package org.pgnet.worker.secrets;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import org.pgnet.curl.NativeBytes;
import org.pgnet.curl.SecretBytes;

/** The headers that prove the sender of a message: Standard Webhooks 1.0. One thread at a time. */
public final class Signature {
    /** The names of these headers, in lower case. */
    public static final List<String> HEADERS = List.of("webhook-id", "webhook-timestamp", "webhook-signature");

    private static final byte[] PREFIX = "whsec_".getBytes(StandardCharsets.US_ASCII);
    private static final int LEAST_KEY_BYTES = 24;
    private static final int MOST_KEY_BYTES = 64;
    private static final String ALGORITHM = "HmacSHA256";

    private Signature() {}

    /**
     * The header lines.
     *
     * @param id of the message, the same each time that it is sent; without a dot
     * @param now when it is sent; whole seconds count
     * @param keys each signs it
     * @return empty when one of the keys is none
     */
    public static Optional<List<String>> lines(String id, Instant now, NativeBytes body, List<SecretBytes> keys) {
        String timestamp = Long.toString(now.getEpochSecond());
        List<String> signatures = new ArrayList<>(keys.size());
        for (SecretBytes key : keys) {
            Optional<String> signature = sign(id + '.' + timestamp + '.', body, key);
            if (signature.isEmpty()) {
                return Optional.empty();
            }
            signatures.add("v1," + signature.get());
        }
        return Optional.of(List.of(
                HEADERS.get(0) + ": " + id,
                HEADERS.get(1) + ": " + timestamp,
                HEADERS.get(2) + ": " + String.join(" ", signatures)));
    }

    private static Optional<String> sign(String before, NativeBytes body, SecretBytes key) {
        byte[] bytes = decode(key);
        try {
            if (bytes.length < LEAST_KEY_BYTES || bytes.length > MOST_KEY_BYTES) {
                return Optional.empty();
            }
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new Key(bytes));
            mac.update(before.getBytes(StandardCharsets.UTF_8));
            mac.update(body.asBuffer());
            String signature = Base64.getEncoder().encodeToString(mac.doFinal());
            // What it keeps of a key is overwritten by the next one.
            mac.init(new Key(new byte[LEAST_KEY_BYTES]));
            return Optional.of(signature);
        } catch (GeneralSecurityException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /** The bytes of a key; none when it is not in the form of one. The caller overwrites them. */
    private static byte[] decode(SecretBytes key) {
        byte[] text = key.toByteArray();
        byte[] base64 = new byte[0];
        try {
            if (text.length <= PREFIX.length || !Arrays.equals(text, 0, PREFIX.length, PREFIX, 0, PREFIX.length)) {
                return new byte[0];
            }
            base64 = Arrays.copyOfRange(text, PREFIX.length, text.length);
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException notBase64) {
            return new byte[0];
        } finally {
            Arrays.fill(text, (byte) 0);
            Arrays.fill(base64, (byte) 0);
        }
    }

    /** Bytes that are not copied beyond what {@link Mac} needs. */
    private static final class Key implements SecretKey {
        private static final long serialVersionUID = 1;

        private final transient byte[] bytes;

        Key(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public String getAlgorithm() {
            return ALGORITHM;
        }

        @Override
        public String getFormat() {
            return "RAW";
        }

        /** A copy, which Mac overwrites. */
        @Override
        public byte[] getEncoded() {
            return bytes.clone();
        }
    }
}
