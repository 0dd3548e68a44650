package org.pgnet.worker.secrets;

/** What a secret may be called, as secret_names.c has it. Any thread. */
final class SecretName {
    private static final int MAX_LENGTH = 63;

    private SecretName() {}

    /** Where the name ends that begins there; there when none does. */
    static int end(String text, int begin) {
        int end = begin;
        while (end < text.length() && end - begin < MAX_LENGTH && isPart(text.charAt(end), end == begin)) {
            end++;
        }
        return end;
    }

    private static boolean isPart(char c, boolean isFirst) {
        boolean mayBegin = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
        return mayBegin || !isFirst && (c >= '0' && c <= '9' || c == '-' || c == '.');
    }
}
