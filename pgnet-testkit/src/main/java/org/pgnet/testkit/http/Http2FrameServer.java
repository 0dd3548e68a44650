package org.pgnet.testkit.http;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * A server on 127.0.0.1 that speaks HTTP/2 over TLS frame by frame, so that every fault can be made. It reads whole frames,
 * confirms settings, and has each request answered by what was scripted. A thread for each connection.
 */
public final class Http2FrameServer implements AutoCloseable {
    /** RFC 9113, section 3.4. */
    private static final int PREFACE_BYTES = 24;

    /** RFC 9113, section 6.5.2. */
    private static final int INITIAL_WINDOW_SIZE = 0x4;

    /** The types of frames of RFC 9113, section 6, by their numbers. */
    public enum Type {
        DATA,
        HEADERS,
        PRIORITY,
        RST_STREAM,
        SETTINGS,
        PUSH_PROMISE,
        PING,
        GOAWAY,
        WINDOW_UPDATE,
        CONTINUATION
    }

    /** RFC 9113, sections 6.1 and 6.2. */
    public static final int END_STREAM = 0x1;

    /** RFC 9113, section 6.5 and 6.7. */
    public static final int ACK = 0x1;

    /** RFC 9113, section 6.2. */
    public static final int END_HEADERS = 0x4;

    /** What to send for a request. Runs on the connection's thread. */
    @FunctionalInterface
    public interface Answer {
        /** Writes frames for the request of this stream. An exception closes the connection. */
        void write(int stream, Frames frames) throws IOException;
    }

    /** Writes frames. */
    public record Frames(DataOutputStream out) {
        /** Writes one frame; it is sent when {@link #flush} says so, or many have been written. */
        public Frames frame(Type type, int flags, int stream, byte... payload) throws IOException {
            out.writeByte(payload.length >> 16);
            out.writeShort(payload.length);
            out.writeByte(type.ordinal());
            out.writeByte(flags);
            out.writeInt(stream);
            out.write(payload);
            return this;
        }

        /** An answer of status 200 without more headers (RFC 7541, appendix A, entry 8). */
        public Frames ok(int stream, int flags) throws IOException {
            return frame(Type.HEADERS, END_HEADERS | flags, stream, (byte) 0x88);
        }

        /** A frame whose payload is one number of four bytes. */
        public Frames number(Type type, int stream, int value) throws IOException {
            return frame(type, 0, stream, bytes(value));
        }

        /** One setting (RFC 9113, section 6.5.1). */
        public Frames setting(int identifier, int value) throws IOException {
            byte[] number = bytes(value);
            return frame(Type.SETTINGS, 0, 0, (byte) 0, (byte) identifier, number[0], number[1], number[2], number[3]);
        }

        /** Sends what was written. */
        public void flush() throws IOException {
            out.flush();
        }

        private static byte[] bytes(int value) {
            return new byte[] {(byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value};
        }
    }

    private final SSLSocketFactory tls;
    private final int initialWindow;
    private final Answer answer;
    private final AtomicInteger requests = new AtomicInteger();
    /** Those beneath TLS, where one that is written to cannot be closed. */
    private final Connections connections;

    /**
     * On a free port, with this certificate.
     *
     * @param initialWindow how many bytes of a body each request may bring before the server permits more
     *     (SETTINGS_INITIAL_WINDOW_SIZE)
     */
    public Http2FrameServer(TlsIdentity identity, int initialWindow, Answer answer) {
        this.initialWindow = initialWindow;
        this.answer = answer;
        this.tls = identity.context().getSocketFactory();
        this.connections = Connections.serve(
                Connections.listen(ServerSocketFactory.getDefault()), "http2-frame-server", this::serve);
    }

    /** The address of a path on this server. */
    public String url(String path) {
        return "https://127.0.0.1:" + connections.port() + path;
    }

    /** How many requests have come so far. */
    public int requests() {
        return requests.get();
    }

    /** How many connections were accepted so far. */
    public int connections() {
        return connections.accepted();
    }

    @Override
    public void close() {
        connections.close();
    }

    private void serve(Socket plain) throws IOException {
        SSLSocket socket = (SSLSocket) tls.createSocket(plain, "", plain.getPort(), true);
        socket.setUseClientMode(false);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        DataInputStream in = new DataInputStream(socket.getInputStream());
        Frames frames = new Frames(new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 1 << 16)));
        in.readFully(new byte[PREFACE_BYTES]);
        frames.setting(INITIAL_WINDOW_SIZE, initialWindow).flush();
        while (true) {
            read(in, frames);
        }
    }

    private void read(DataInputStream in, Frames frames) throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt() & Integer.MAX_VALUE;
        in.readFully(new byte[length]);
        if (type == Type.SETTINGS.ordinal() && (flags & ACK) == 0) {
            frames.frame(Type.SETTINGS, ACK, 0).flush();
        } else if (type == Type.HEADERS.ordinal()) {
            requests.incrementAndGet();
            answer.write(stream, frames);
            frames.flush();
        }
    }
}
