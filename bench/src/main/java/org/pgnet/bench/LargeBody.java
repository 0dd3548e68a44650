package org.pgnet.bench;

import java.util.Random;

/** JSON that compresses like what services send: names that repeat, values that do not. The same in every run. */
final class LargeBody {
    private LargeBody() {}

    /** An array of objects, of exactly so many bytes. */
    static String json(int bytes) {
        Random random = new Random(1);
        StringBuilder json = new StringBuilder("[");
        for (int id = 1; json.length() < bytes; id++) {
            json.append("{\"id\": ").append(id);
            json.append(", \"token\": \"").append(Long.toHexString(random.nextLong()));
            json.append("\", \"amount\": ").append(random.nextInt(1_000_000));
            json.append(", \"state\": \"")
                    .append(random.nextBoolean() ? "open" : "closed")
                    .append("\"}, ");
        }
        json.setLength(bytes - 1);
        return json.append("]").toString();
    }
}
