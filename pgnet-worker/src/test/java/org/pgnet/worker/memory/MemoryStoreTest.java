package org.pgnet.worker.memory;

import java.util.List;
import java.util.Optional;
import org.pgnet.worker.contract.RequestStoreContract;
import org.pgnet.worker.contract.StoreTables;
import org.pgnet.worker.contract.StoredResponse;
import org.pgnet.worker.spi.IdRange;
import org.pgnet.worker.spi.RequestQueue;
import org.pgnet.worker.spi.RequestStore;
import org.pgnet.worker.spi.Settlement;
import org.pgnet.worker.spi.StoreException;

/** The tables in memory behave as the real ones. */
class MemoryStoreTest implements RequestStoreContract, StoreTables {
    private final MemoryStore store = new MemoryStore();

    @Override
    public RequestStore store() {
        return store;
    }

    @Override
    public RequestQueue queue() {
        return store;
    }

    @Override
    public RequestQueue newQueue() {
        store.begin();
        return store;
    }

    @Override
    public StoreTables tables() {
        return this;
    }

    @Override
    public long insert(String method, String url, String headersJson, String body, int timeoutMillis) {
        long id = store.insert(method, url, headersJson, body, timeoutMillis);
        store.commit(new IdRange(id, id));
        return id;
    }

    @Override
    public long insertGet(String url, Wishes wishes) {
        long id = store.insert("GET", url, wishes);
        store.commit(new IdRange(id, id));
        return id;
    }

    @Override
    public void rewrite() {
        store.rewrite();
    }

    @Override
    public List<String> attempts(long id) {
        return store.histories().stream()
                .filter(each -> each.id() == id)
                .map(each -> each.attempt() + " " + each.status() + " " + each.error())
                .toList();
    }

    @Override
    public long insertPost(String url, String headersJson, String body, Wishes wishes) {
        long id = store.insert("POST", url, headersJson, body, 5_000, wishes);
        store.commit(new IdRange(id, id));
        return id;
    }

    @Override
    public List<String> deadLetters(long id) {
        return store.deadLetters(id);
    }

    @Override
    public boolean retry(long id) {
        boolean retried = store.retry(id);
        store.commit(new IdRange(id, id));
        return retried;
    }

    @Override
    public int kept() {
        return store.kept();
    }

    @Override
    public IdRange insertGets(String url, int count) {
        IdRange ids = store.insertGets(url, count);
        store.commit(ids);
        return ids;
    }

    @Override
    public void whileUncommitted(String url, Runnable action) {
        long id = store.insertUncommitted(url);
        action.run();
        store.commit(new IdRange(id, id));
    }

    @Override
    public void update(long id, String url) {
        store.update(id, url);
        store.commit(new IdRange(id, id));
    }

    @Override
    public void delete(long id) {
        store.delete(id);
    }

    @Override
    public void truncate() {
        store.truncate();
    }

    @Override
    public void whileLocked(long id, Runnable action) {
        store.lock(id);
        action.run();
        store.unlock(id);
    }

    @Override
    public void whileRefused(int status, Runnable action) {
        store.beforeRecord(settlements -> {
            if (settlements.stream().anyMatch(each -> isOfStatus(each, status))) {
                throw new StoreException(StoreException.Kind.ROW, "23514", "status " + status);
            }
        });
        action.run();
        store.beforeRecord(settlements -> {});
    }

    private static boolean isOfStatus(Settlement settlement, int status) {
        Settlement outcome = settlement instanceof Settlement.Dead dead ? dead.outcome() : settlement;
        return outcome instanceof Settlement.Answered answered && answered.status() == status;
    }

    @Override
    public void whileHidden(Runnable action) {
        store.available(false);
        action.run();
        store.available(true);
    }

    @Override
    public int queued() {
        return store.queued();
    }

    @Override
    public int responses() {
        return store.responses().size();
    }

    @Override
    public Optional<StoredResponse> response(long id) {
        return Optional.ofNullable(store.responses().get(id)).map(MemoryStoreTest::row);
    }

    private static StoredResponse row(MemoryStore.Stored stored) {
        return new StoredResponse(
                Optional.of(stored.status()).filter(status -> status != 0),
                nonEmpty(stored.contentType()),
                StoredResponse.headers(stored.headersJson()),
                nonEmpty(stored.content()),
                nonEmpty(StoredResponse.hex(stored.bytes())),
                stored.timedOut(),
                nonEmpty(stored.error()),
                stored.attempts(),
                stored.created(),
                stored.took(),
                stored.method(),
                stored.url());
    }

    private static Optional<String> nonEmpty(String text) {
        return Optional.of(text).filter(each -> !each.isEmpty());
    }
}
