package org.pgnet.worker.exchange;

import org.pgnet.curl.CurlException;
import org.pgnet.curl.CurlUrl;
import org.pgnet.curl.HostPatterns;
import org.pgnet.curl.Proxy;
import org.pgnet.curl.TransferLoop;
import org.pgnet.worker.http.RequestException;
import org.pgnet.worker.spi.EgressSettings;
import org.pgnet.worker.spi.FailureKind;

/** Enforces where requests may go: hosts are checked here before each hop, addresses by the loop. Transfer thread. */
public final class EgressPolicy {
    private final EgressSettings egress;
    private final HostPatterns allowed;

    public EgressPolicy(EgressSettings egress) {
        this.egress = egress;
        this.allowed = new HostPatterns(egress.allowedHosts());
    }

    /** Has the loop obey it too. */
    public void applyTo(TransferLoop loop) {
        loop.deniedNetworks(egress.deniedNetworks());
        loop.proxy(proxy());
    }

    /**
     * Checks a hop before it is sent.
     *
     * @throws RequestException when it must not be sent; the message names the rule
     */
    void check(String url) throws RequestException {
        if (!egress.isEnforceable()) {
            throw new RequestException(FailureKind.REFUSED, EgressSettings.CONFLICT);
        }
        if (egress.allowedHosts().equals(HostPatterns.ALL)) {
            return;
        }
        String host;
        try {
            host = CurlUrl.host(url);
        } catch (CurlException unreadable) {
            throw new RequestException(
                    FailureKind.REFUSED, "a host that cannot be read is not allowed by pg_net.allowed_hosts");
        }
        if (!allowed.allow(host)) {
            throw new RequestException(
                    FailureKind.REFUSED, "host \"" + host + "\" is not allowed by pg_net.allowed_hosts");
        }
    }

    /** The environment's proxy would lead past the denied networks. */
    private Proxy proxy() {
        if (!egress.deniedNetworks().isBlank()) {
            return new Proxy.None();
        }
        return egress.proxy().isBlank() ? Proxy.of(System.getenv().keySet()) : new Proxy.At(egress.proxy());
    }
}
