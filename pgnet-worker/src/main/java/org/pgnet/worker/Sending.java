package org.pgnet.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.pgnet.worker.exchange.Exchange;
import org.pgnet.worker.http.Origins;
import org.pgnet.worker.record.Recorder;
import org.pgnet.worker.recovery.Suspects;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.Duty;
import org.pgnet.worker.spi.Endpoint;
import org.pgnet.worker.spi.FailureKind;
import org.pgnet.worker.spi.HostRules;
import org.pgnet.worker.spi.NamedSecrets;
import org.pgnet.worker.spi.RequestKey;
import org.pgnet.worker.spi.Secrets;
import org.pgnet.worker.spi.Settings;
import org.pgnet.worker.spi.Settlement;
import org.pgnet.worker.spi.WorkSource;
import org.pgnet.worker.spi.WorkerHost;
import org.pgnet.worker.transfer.Mailbox;

/** Takes requests out of the source and has them sent, unless responses cannot be recorded. */
final class Sending implements Duty {
    private final WorkSource source;
    private final Clock clock;
    private final Suspects suspects;
    private final Recorder recorder;
    private final Mailbox mailbox;
    private final Consumer<Settlement> notSent;
    private final Supplier<Settings> settings;
    private final Origins origins = new Origins();
    private final IdempotencyHeader idempotencyHeader;
    private final Secrets secrets;
    private final Consumer<Endpoint> recovering;
    /** What the transfer thread was told last. */
    private boolean wasBlocked;
    /** The settings when it was looked for removed requests. */
    private Optional<Settings> removedBefore = Optional.empty();
    /** The last of the recorder's probes for which a request was taken out of the source. */
    private long probed;

    /**
     * @param notSent takes the outcomes of requests that cannot be sent
     * @param settings gives the settings as they are now, obeyed by everything else of the backend thread, too
     */
    Sending(
            WorkerHost host,
            Suspects suspects,
            Recorder recorder,
            Mailbox mailbox,
            Consumer<Settlement> notSent,
            Supplier<Settings> settings) {
        this.source = host.source();
        this.clock = host.clock();
        this.idempotencyHeader = new IdempotencyHeader(host.identity());
        this.secrets = host.secrets();
        this.recovering = source::recovered;
        this.suspects = suspects;
        this.recorder = recorder;
        this.mailbox = mailbox;
        this.notSent = notSent;
        this.settings = settings;
    }

    @Override
    public void work() {
        Settings now = settings.get();
        wasBlocked = recorder.isBlocked();
        // Before its host lets it: whoever removes a request and then ends the pause has done so in this order.
        withdraw(findRemoved(now));
        mailbox.order(now, !wasBlocked, recorder.probes());
        mailbox.takeRecovered(recovering);
        if (!wasBlocked) {
            take(now.maxInFlight());
        } else if (isProbing() && take(Math.min(1, now.maxInFlight()))) {
            probed = recorder.probes();
        }
    }

    private boolean isProbing() {
        return probed != recorder.probes();
    }

    /** Whether there was something to take. */
    private boolean take(int maxInFlight) {
        List<DueRequest> requests = source.take(maxInFlight);
        List<Exchange> exchanges = List.of();
        Set<RequestKey> removed = Set.of();
        if (!requests.isEmpty()) {
            // What was read may have been committed after a change of the settings that was not seen before.
            Settings now = settings.get();
            exchanges = exchanges(requests, now.hosts());
            removed = findRemoved(now);
            withdraw(removed);
            boolean areSecretsKnown = expectSecrets(requests, now.hosts().secretNames());
            mailbox.order(areSecretsKnown ? now : now.sendingNothing(), !wasBlocked, recorder.probes());
        }
        mailbox.offer(suspects.admit(exchanges));
        // Again: some of these may be among them.
        withdraw(removed);
        return !requests.isEmpty();
    }

    /** At once when something has changed that may have held them back. */
    private Set<RequestKey> findRemoved(Settings now) {
        boolean changed = removedBefore.isEmpty() || removedBefore.get() != now;
        removedBefore = Optional.of(now);
        return Set.copyOf(source.findRemoved(changed));
    }

    private void withdraw(Set<RequestKey> removed) {
        if (!removed.isEmpty()) {
            suspects.withdraw(removed);
            mailbox.withdraw(removed);
        }
    }

    /** Whether the secrets are known that requests may need. */
    private boolean expectSecrets(List<DueRequest> requests, Set<String> ofHosts) {
        boolean areKnown = true;
        for (DueRequest request : requests) {
            if (!ofHosts.isEmpty()) {
                areKnown &= secrets.expect(request.owner(), ofHosts);
            }
            NamedSecrets named = request.http().secrets();
            if (!named.isEmpty()) {
                areKnown &= secrets.expect(request.owner(), named.all());
            }
        }
        return areKnown;
    }

    @Override
    public long nanosUntilDue() {
        if (recorder.isBlocked() != wasBlocked) {
            return 0;
        }
        return wasBlocked && !isProbing()
                ? Long.MAX_VALUE
                : Math.min(source.nanosUntilDue(), suspects.nanosUntilTurn());
    }

    private List<Exchange> exchanges(List<DueRequest> requests, HostRules hosts) {
        List<Exchange> exchanges = new ArrayList<>(requests.size());
        for (DueRequest request : requests) {
            hosts.expect(request.owner());
            Exchange exchange = new Exchange(request, origins.of(request.http().url()), clock);
            idempotencyHeader.addTo(exchange, hosts.of(exchange.origin()));
            exchange.secrets(secrets);
            if (request.http().secrets().signWith().isPresent()) {
                exchange.messageId(idempotencyHeader.keyOf(request));
            }
            if (request.refusal().isPresent()) {
                notSent.accept(
                        exchange.failed(FailureKind.OTHER, request.refusal().get(), clock.nanoTime()));
            } else {
                exchanges.add(exchange);
            }
        }
        return exchanges;
    }
}
