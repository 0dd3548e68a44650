package org.pgnet.testkit.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/** Temporary directories that the user of the servers may read, which others are not. For {@code @TempDir(factory = ...)}. */
public final class ForServers implements TempDirFactory {
    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test) throws IOException {
        return Files.setPosixFilePermissions(
                Files.createTempDirectory("pgnet-files"), PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
