package org.pgnet.jni;

import java.util.Optional;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.spi.BodyPreparer;

/** Compresses bodies as PostgreSQL does, where the server was built with LZ4. */
final class Lz4Compressor implements BodyPreparer {

    @Override
    public Optional<NativeBytes> prepare(NativeBytes body) {
        long[] compressed = Postgres.compress(body.address(), body.length());
        return compressed[1] == 0 ? Optional.empty() : Optional.of(new NativeBytes(compressed[0], compressed[1]));
    }
}
