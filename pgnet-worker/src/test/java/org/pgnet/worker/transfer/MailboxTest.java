package org.pgnet.worker.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.pgnet.curl.NativeBytes;
import org.pgnet.worker.exchange.Exchange;
import org.pgnet.worker.memory.MemorySettings;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.HttpRequest;
import org.pgnet.worker.spi.RequestKey;

class MailboxTest {
    private final Mailbox mailbox = new Mailbox(MemorySettings.of(), () -> {}, () -> {});
    private final List<String> taken = new ArrayList<>();

    private static Exchange request(long id) {
        DueRequest request = new DueRequest(
                new RequestKey(id, 700),
                10,
                new HttpRequest("GET", "http://127.0.0.1/", new byte[0], NativeBytes.empty(), 5_000));
        return new Exchange(request, "http://127.0.0.1", Clock.SYSTEM);
    }

    private void take(Runnable obey) {
        mailbox.takeRequests(
                each -> taken.add("offered " + each.request().key().id()),
                () -> {
                    taken.add("orders");
                    obey.run();
                },
                keys -> taken.add("withdrawn " + keys.iterator().next().id()));
    }

    @Test
    void requestsAreTakenBeforeTheOrders() {
        mailbox.offer(List.of(request(1), request(2)));

        take(() -> {});

        assertThat(taken).containsExactly("offered 1", "offered 2", "orders");
    }

    /** The backend thread hands over and takes back at any moment. */
    @Test
    void requestThatIsHandedOverAndTakenBackMeanwhileIsTakenBefore() {
        List<Exchange> news = new ArrayList<>(List.of(request(1)));

        take(() -> {
            news.forEach(each -> {
                mailbox.offer(List.of(each));
                mailbox.withdraw(Set.of(each.request().key()));
            });
            news.clear();
        });

        assertThat(taken).containsExactly("orders", "offered 1", "orders", "withdrawn 1");
    }

    @Test
    void allThatWereTakenBackComeTogether() {
        mailbox.withdraw(Set.of(new RequestKey(1, 700)));
        mailbox.withdraw(Set.of(new RequestKey(2, 700)));
        List<Set<RequestKey>> withdrawn = new ArrayList<>();

        mailbox.takeRequests(each -> {}, () -> {}, withdrawn::add);

        assertThat(withdrawn).containsExactly(Set.of(new RequestKey(1, 700), new RequestKey(2, 700)));
    }
}
