package org.pgnet.jni;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The receiver of src/test/node, in a process of its own. Where there is no Node.js or no package of it, tests are skipped. */
final class NodeReceiver implements AutoCloseable {
    private static final Path SOURCES = Path.of("src/test/node");
    private static final Path DIRECTORY = Path.of("target/node");

    private final Process process;
    private final int port;

    private NodeReceiver(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** One that accepts what one of these keys has signed. */
    static NodeReceiver start(String... keys) throws IOException, InterruptedException {
        install();
        List<String> command = new ArrayList<>(List.of("node", "receiver.js"));
        command.addAll(List.of(keys));
        Process process = new ProcessBuilder(command)
                .directory(DIRECTORY.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        return new NodeReceiver(process, Integer.parseInt(output.readLine()));
    }

    /** Its address. */
    String url() {
        return "http://127.0.0.1:" + port + "/";
    }

    private static synchronized void install() throws IOException, InterruptedException {
        Files.createDirectories(DIRECTORY);
        for (String file : List.of("package.json", "receiver.js")) {
            Files.copy(SOURCES.resolve(file), DIRECTORY.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        assumeTrue(succeeds("node", "--version"), "node is not installed");
        assumeTrue(
                Files.exists(DIRECTORY.resolve("node_modules/standardwebhooks"))
                        || succeeds(
                                "npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"),
                "npm cannot install the package standardwebhooks");
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(DIRECTORY.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            boolean ended = process.waitFor(60, TimeUnit.SECONDS);
            process.destroyForcibly();
            return ended && process.exitValue() == 0;
        } catch (IOException missing) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
