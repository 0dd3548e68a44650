package org.pgnet.testkit.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

/**
 * A getaddrinfo(3) of the test's own, put before the system's by LD_PRELOAD: it answers names that end in {@code .test},
 * with or without a dot after it, from a file that may change, and asks nobody. Of these names, one that begins with
 * {@code unknown} has no address, and one that begins with {@code hang} is not answered until {@link #release}, and has none
 * then. Of all other names localhost alone has an address.
 */
public final class Resolver implements AutoCloseable {
    private static final String SOURCE = """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <netdb.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <strings.h>
            #include <unistd.h>

            typedef int (*resolve)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

            static int is_test_name(const char *name)
            {
                size_t length = name == NULL ? 0 : strlen(name);
                if (length > 0 && name[length - 1] == '.')
                    length--;
                return length > 5 && strncasecmp(name + length - 5, ".test", 5) == 0;
            }

            /* The addresses are one line of the file, in the order to be tried. */
            int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result)
            {
                resolve real = (resolve) dlsym(RTLD_NEXT, "getaddrinfo");
                struct addrinfo numeric = {.ai_flags = AI_NUMERICHOST, .ai_socktype = hints ? hints->ai_socktype : 0};
                struct addrinfo **end = result;
                char line[512] = "";
                FILE *file;

                if (!is_test_name(node))
                {
                    struct addrinfo wanted = hints ? *hints : numeric;

                    if (node != NULL && strcasecmp(node, "localhost") != 0)
                        wanted.ai_flags |= AI_NUMERICHOST;
                    return real(node, service, &wanted, result);
                }
                if (strncasecmp(node, "unknown", 7) == 0)
                    return EAI_NONAME;
                if (strncasecmp(node, "hang", 4) == 0)
                {
                    while (access(getenv("TEST_HANG"), F_OK) == 0)
                        usleep(20000);
                    return EAI_NONAME;
                }
                file = fopen(getenv("TEST_ADDRESSES"), "r");
                if (file == NULL || fgets(line, sizeof(line), file) == NULL)
                    return EAI_FAIL;
                fclose(file);
                *result = NULL;
                for (char *address = strtok(line, " \\n"); address != NULL; address = strtok(NULL, " \\n"))
                {
                    if (real(address, service, &numeric, end) != 0)
                        return EAI_FAIL;
                    while (*end != NULL)
                        end = &(*end)->ai_next;
                }
                return *result == NULL ? EAI_NONAME : 0;
            }
            """;

    private final Path directory;

    /** Compiles the library; every name has the address 127.0.0.1 at first. */
    public Resolver() {
        try {
            // The server's user must be able to read it.
            directory = Files.createTempDirectory("pgnet-resolver");
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.writeString(directory.resolve("resolver.c"), SOURCE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Command.run(
                directory,
                Map.of(),
                List.of("cc", "-Wall", "-Werror", "-shared", "-fPIC", "-o", "resolver.so", "resolver.c", "-ldl"));
        answer("127.0.0.1");
        write(hang(), "");
    }

    /** For {@link org.pgnet.testkit.cluster.PgCluster#setEnvironment}. */
    public String[] environment() {
        return new String[] {
            "LD_PRELOAD=" + directory.resolve("resolver.so"),
            "TEST_ADDRESSES=" + directory.resolve("addresses"),
            "TEST_HANG=" + hang()
        };
    }

    /** The addresses that every name has from now on, separated by spaces. */
    public void answer(String addresses) {
        try {
            Path next = directory.resolve("next");
            write(next, addresses + "\n");
            Files.move(next, directory.resolve("addresses"), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Answers the names that hang: they have no address. From now on they do not hang any more. */
    public void release() {
        try {
            Files.deleteIfExists(hang());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path hang() {
        return directory.resolve("hang");
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        Command.run(Path.of("/"), Map.of(), List.of("rm", "-rf", directory.toString()));
    }
}
