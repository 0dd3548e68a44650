package org.pgnet.server.web;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.pgnet.server.database.RoleDatabase;

/**
 * Who is logged in, in memory alone: a restart logs everybody out. A session ends after half an hour without a request, and
 * after twelve hours at the latest. Sessions of one role and password have their connections together. Thread-safe.
 */
public final class Sessions implements AutoCloseable {
    static final Duration IDLE = Duration.ofMinutes(30);
    static final Duration LONGEST = Duration.ofHours(12);
    private static final int MOST = 500;

    private final Clock clock;
    private final Map<String, Entry> entries = new HashMap<>();
    private final Map<Credentials, Pooled> databases = new HashMap<>();

    public Sessions(Clock clock) {
        this.clock = clock;
    }

    /** Begins a session of a role whose password has been found to be right. */
    public synchronized Session begin(String role, String password, Supplier<RoleDatabase> database) {
        endOld();
        if (entries.size() >= MOST) {
            throw new IllegalStateException("too many sessions");
        }
        Credentials credentials = new Credentials(role, password);
        Pooled pooled = databases.computeIfAbsent(credentials, ignored -> new Pooled(database.get()));
        pooled.sessions++;
        Session session = new Session(Tokens.next(), Tokens.next(), pooled.database);
        entries.put(session.token(), new Entry(session, credentials, clock.instant(), clock.instant()));
        return session;
    }

    /** The session of a cookie, if it has not ended. */
    public synchronized Optional<Session> find(String token) {
        endOld();
        return Optional.ofNullable(entries.computeIfPresent(token, (key, entry) -> entry.used(clock.instant())))
                .map(Entry::session);
    }

    public synchronized boolean isOpen(Session session) {
        endOld();
        return entries.containsKey(session.token());
    }

    public synchronized void end(Session session) {
        end(session.token());
    }

    @Override
    public synchronized void close() {
        entries.clear();
        databases.values().forEach(pooled -> pooled.database.close());
        databases.clear();
    }

    private void endOld() {
        Instant now = clock.instant();
        entries.values().stream()
                .filter(entry -> entry.isOver(now))
                .map(entry -> entry.session().token())
                .toList()
                .forEach(this::end);
    }

    private void end(String token) {
        Entry entry = entries.remove(token);
        if (entry != null) {
            Pooled pooled = databases.get(entry.credentials());
            pooled.sessions--;
            if (pooled.sessions == 0) {
                databases.remove(entry.credentials());
                pooled.database.close();
            }
        }
    }

    private record Credentials(String role, String password) {}

    private record Entry(Session session, Credentials credentials, Instant begun, Instant used) {
        Entry used(Instant now) {
            return new Entry(session, credentials, begun, now);
        }

        boolean isOver(Instant now) {
            return used.plus(IDLE).isBefore(now) || begun.plus(LONGEST).isBefore(now);
        }
    }

    private static final class Pooled {
        private final RoleDatabase database;
        private int sessions;

        Pooled(RoleDatabase database) {
            this.database = database;
        }
    }
}
