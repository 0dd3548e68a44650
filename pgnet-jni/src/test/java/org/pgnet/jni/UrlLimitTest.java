package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A URL after a redirect obeys the limit of the call, which C checks in the session and Java in the worker. */
class UrlLimitTest {
    /** The directory of this module is where its tests run. */
    private static final Path CHECKOUT = Path.of("").toAbsolutePath().getParent();

    private static final String EXCHANGE = "pgnet-worker/src/main/java/org/pgnet/worker/exchange/";

    @Test
    void limitAtTheCallAndAfterARedirectAreOne() throws IOException {
        List<String> found = List.of(
                valueOf("#define PGNET_MAX_URL_BYTES ", "pgnet-jni/src/main/c/shared/request_limits.h"),
                valueOf("int MAX_URL_BYTES = ", EXCHANGE + "Redirects.java"));

        assertThat(found).containsOnly("64 * 1024");
    }

    private static String valueOf(String name, String file) throws IOException {
        String source = Files.readString(CHECKOUT.resolve(file));
        int start = source.indexOf(name) + name.length();
        return source.substring(start, source.indexOf('\n', start)).replaceAll("[();]", "");
    }
}
