package org.pgnet.testkit.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.Message;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.impl.bootstrap.HttpAsyncServer;
import org.apache.hc.core5.http.nio.AsyncRequestConsumer;
import org.apache.hc.core5.http.nio.AsyncServerRequestHandler;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityConsumer;
import org.apache.hc.core5.http.nio.support.AsyncResponseBuilder;
import org.apache.hc.core5.http.nio.support.BasicRequestConsumer;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.http2.impl.nio.bootstrap.H2ServerBootstrap;
import org.apache.hc.core5.http2.ssl.H2ServerTlsStrategy;
import org.apache.hc.core5.io.CloseMode;

/**
 * A server on 127.0.0.1 that speaks HTTP/2, or HTTP/1.1 with clients that do not, over TLS. It answers with the version and
 * method of the request, a blank and the request's body. GET /large is answered with a million bytes.
 */
public final class Http2Server implements AutoCloseable {
    private final HttpAsyncServer server;
    private final int port;
    private final Set<String> connections = ConcurrentHashMap.newKeySet();

    /** On a free port, with this certificate. */
    public Http2Server(TlsIdentity identity) throws IOException {
        server = H2ServerBootstrap.bootstrap()
                .setVersionPolicy(HttpVersionPolicy.NEGOTIATE)
                .setTlsStrategy(new H2ServerTlsStrategy(identity.context()))
                .setCanonicalHostName("127.0.0.1")
                .register("*", new Echo())
                .create();
        server.start();
        try {
            port = ((InetSocketAddress) server.listen(new InetSocketAddress("127.0.0.1", 0), URIScheme.HTTPS)
                            .get(10, TimeUnit.SECONDS)
                            .getAddress())
                    .getPort();
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("the server does not listen", e);
        }
    }

    /** The address of a path on this server. */
    public String url(String path) {
        return "https://127.0.0.1:" + port + path;
    }

    /** How many connections have brought a request so far. */
    public int connections() {
        return connections.size();
    }

    @Override
    public void close() {
        server.close(CloseMode.IMMEDIATE);
    }

    private final class Echo implements AsyncServerRequestHandler<Message<HttpRequest, byte[]>> {
        @Override
        public AsyncRequestConsumer<Message<HttpRequest, byte[]>> prepare(
                HttpRequest request, EntityDetails entity, HttpContext context) {
            return new BasicRequestConsumer<>(entity == null ? null : new BasicAsyncEntityConsumer());
        }

        @Override
        public void handle(Message<HttpRequest, byte[]> message, ResponseTrigger trigger, HttpContext context)
                throws HttpException, IOException {
            EndpointDetails connection = HttpCoreContext.cast(context).getEndpointDetails();
            connections.add(connection.getRemoteAddress().toString());
            HttpRequest request = message.getHead();
            String body = message.getBody() == null ? "" : new String(message.getBody(), StandardCharsets.UTF_8);
            String version = String.valueOf(HttpCoreContext.cast(context).getProtocolVersion());
            String answer = request.getPath().equals("/large")
                    ? "0123456789".repeat(100_000)
                    : version + ' ' + request.getMethod() + ' ' + body;
            trigger.submitResponse(
                    AsyncResponseBuilder.create(200)
                            .addHeader("Set-Cookie", "a=1")
                            .addHeader("Set-Cookie", "b=2")
                            .setEntity(answer, ContentType.TEXT_PLAIN.withCharset(StandardCharsets.UTF_8))
                            .build(),
                    context);
        }
    }
}
