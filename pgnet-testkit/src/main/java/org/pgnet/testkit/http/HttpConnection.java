package org.pgnet.testkit.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** One connection of {@link HttpServerFixture}: reads requests one after the other and answers them. */
final class HttpConnection {
    private final Socket socket;
    private final Responder responder;

    HttpConnection(Socket socket, Responder responder) {
        this.socket = socket;
        this.responder = responder;
    }

    /** Until one of both has had enough. */
    void serve() throws IOException, InterruptedException {
        socket.setTcpNoDelay(true);
        InputStream in = new BufferedInputStream(socket.getInputStream());
        OutputStream out = socket.getOutputStream();
        Optional<ReceivedRequest> request = read(in, out);
        while (request.isPresent()) {
            Optional<Reply> reply = responder.answer(request.get());
            if (reply.isEmpty()) {
                return;
            }
            out.write(reply.get().bytes(!request.get().method().equals("HEAD")));
            request = read(in, out);
        }
    }

    private static Optional<ReceivedRequest> read(InputStream in, OutputStream out) throws IOException {
        String first = line(in);
        if (first.isEmpty()) {
            return Optional.empty();
        }
        String[] words = first.split(" ", 3);
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            if (colon < 0) {
                // No HTTP: the hello of TLS, for example.
                return Optional.empty();
            }
            headers.computeIfAbsent(line.substring(0, colon).toLowerCase(Locale.ROOT), name -> new ArrayList<>())
                    .add(line.substring(colon + 1).strip());
        }
        if (headers.containsKey("expect")) {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        }
        byte[] body = body(in, headers);
        return Optional.of(new ReceivedRequest(words[0], words[1], headers, body));
    }

    private static byte[] body(InputStream in, Map<String, List<String>> headers) throws IOException {
        String value = headers.getOrDefault("content-length", List.of("0")).get(0);
        if (!value.matches("\\d{1,9}")) {
            throw new IOException("Content-Length: " + value);
        }
        int length = Integer.parseInt(value);
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException();
        }
        return body;
    }

    /** A line without its end; the end of the input reads as an empty line. */
    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(80);
        int octet = in.read();
        while (octet >= 0 && octet != '\n') {
            if (octet != '\r') {
                line.write(octet);
            }
            octet = in.read();
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }
}
