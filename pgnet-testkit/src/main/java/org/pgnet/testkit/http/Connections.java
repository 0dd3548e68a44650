package org.pgnet.testkit.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;

/**
 * Accepts the connections of a server until it is closed; then all of them are closed, those that arrive meanwhile too. A thread
 * for each, which is interrupted then.
 */
final class Connections implements AutoCloseable {
    private static final long STACK_BYTES = 256 * 1024;

    /** What is done with a connection, which is closed on return. An exception means that its client or the server went away. */
    @FunctionalInterface
    interface Service {
        void serve(Socket socket) throws IOException, InterruptedException;
    }

    private final ServerSocket listener;
    private final Optional<Service> service;
    private final ExecutorService threads;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();

    private Connections(ServerSocket listener, String name, Optional<Service> service) {
        this.listener = listener;
        this.service = service;
        this.threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(null, task, name, STACK_BYTES);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** A socket for {@link #serve} on this address of the machine; port 0 is any that is free. */
    static ServerSocket listen(ServerSocketFactory factory, String address, int port) {
        try {
            return factory.createServerSocket(port, 4_096, InetAddress.getByName(address));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A socket on any free port of 127.0.0.1. */
    static ServerSocket listen(ServerSocketFactory factory) {
        return listen(factory, "127.0.0.1", 0);
    }

    /** Serves the connections of a socket from now on. */
    static Connections serve(ServerSocket listener, String threads, Service service) {
        return accept(new Connections(listener, threads, Optional.of(service)));
    }

    /** Accepts the connections of a socket from now on, and never says a word. */
    static Connections hold(ServerSocket listener, String thread) {
        return accept(new Connections(listener, thread, Optional.empty()));
    }

    private static Connections accept(Connections connections) {
        connections.threads.execute(connections::accept);
        return connections;
    }

    int port() {
        return listener.getLocalPort();
    }

    /** How many there were so far. */
    int accepted() {
        return accepted.get();
    }

    /** Closes those that are open now. */
    void hangUp() {
        for (Socket socket : open) {
            open.remove(socket);
            closeQuietly(socket);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        closeQuietly(listener);
        hangUp();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                accepted.incrementAndGet();
                service.ifPresent(each -> threads.execute(() -> serve(each, socket)));
            } catch (IOException | RejectedExecutionException closing) {
                // The loop ends, or the client went away before it was accepted.
                continue;
            }
        }
        hangUp();
    }

    private void serve(Service each, Socket socket) {
        try (socket) {
            each.serve(socket);
        } catch (IOException over) {
            return;
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            throw new AssertionError("a loopback socket could not be closed", e);
        }
    }
}
