package org.pgnet.worker.secrets;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pgnet.curl.HostRanks;
import org.pgnet.curl.SecretBytes;
import org.pgnet.worker.spi.Clock;
import org.pgnet.worker.spi.Secrets;

/**
 * The secrets as the backend thread read them last, and the files that hold some. Methods are synchronised: values are
 * overwritten when they are replaced, and must not be copied at that moment.
 */
public final class SecretTable implements AutoCloseable {
    private static final String PLAIN = "http://";

    /** Of an owner who has used more, those of secrets that are gone are forgotten, though a request may still name one. */
    static final int MOST_NAMES = 4_000;

    private final UseRights rights;
    private final SecretFiles files;
    private final Map<String, SecretRow> rows = new HashMap<>();
    /** Of each owner that has or had requests with secrets, and each of their names, whether he may use it. */
    private final Map<Long, Map<String, Boolean>> usable = new HashMap<>();

    /** Empty. */
    public SecretTable(UseRights rights, Clock clock) {
        this.rights = rights;
        this.files = new SecretFiles(clock);
    }

    /** Takes the place of all that was known. */
    public synchronized void replace(List<SecretRow> newRows) {
        overwrite();
        files.forget();
        newRows.forEach(row -> rows.put(row.name(), row));
        usable.forEach((owner, names) -> {
            if (names.size() > MOST_NAMES) {
                names.keySet().retainAll(rows.keySet());
            }
            names.replaceAll((name, before) -> mayUse(owner, name));
        });
    }

    /** How many names are remembered, of all owners. */
    synchronized int nameCount() {
        return usable.values().stream().mapToInt(Map::size).sum();
    }

    /** The directory of the files, empty for none. */
    public synchronized void directory(String path) {
        files.directory(path);
    }

    /** Says once who may use which secrets: {@link #find} cannot ask. Backend thread. */
    public synchronized void expect(long owner, Collection<String> names) {
        Map<String, Boolean> known = usable.computeIfAbsent(owner, some -> new HashMap<>());
        names.forEach(name -> known.computeIfAbsent(name, some -> mayUse(owner, name)));
    }

    private boolean mayUse(long owner, String name) {
        SecretRow row = rows.get(name);
        return row != null && rights.mayUse(owner, row);
    }

    /** As {@link Secrets#find}. */
    public synchronized Secrets.Answer find(String name, long owner, Collection<String> origins, Instant now) {
        SecretRow row = rows.get(name);
        if (row == null) {
            return Secrets.Answer.unavailable("does not exist");
        }
        if (!usable.getOrDefault(owner, Map.of()).getOrDefault(name, false)) {
            return Secrets.Answer.refused(Secrets.Verdict.NOT_HIS);
        }
        if (!origins.stream().allMatch(origin -> isFor(row, origin))) {
            return Secrets.Answer.refused(Secrets.Verdict.NOT_THERE);
        }
        return row.file().isPresent() ? ofFile(row, row.file().get()) : ofKeys(row, now);
    }

    /** As {@link Secrets#refresh}. */
    public synchronized void refresh() {
        files.forget();
    }

    private Secrets.Answer ofFile(SecretRow row, String file) {
        if (!row.isFileAllowed()) {
            return Secrets.Answer.unavailable(
                    "cannot be read: its owner does not have the rights of pg_read_server_files");
        }
        try {
            return Secrets.Answer.usable(List.of(copy(files.value(file))));
        } catch (SecretFiles.UnreadableException unreadable) {
            return Secrets.Answer.unavailable("cannot be read: " + unreadable.getMessage());
        }
    }

    private static Secrets.Answer ofKeys(SecretRow row, Instant now) {
        List<SecretBytes> keys = new ArrayList<>();
        for (SecretKey key : row.keys()) {
            if (key.holds(now)) {
                keys.add(copy(key.value()));
            }
        }
        return keys.isEmpty() ? Secrets.Answer.unavailable("has no value") : Secrets.Answer.usable(keys);
    }

    private static SecretBytes copy(SecretBytes value) {
        SecretBytes copy = new SecretBytes();
        copy.put(value);
        return copy;
    }

    private static boolean isFor(SecretRow row, String origin) {
        boolean isSecure = origin.startsWith("https://");
        List<String> patterns = row.hosts().stream()
                .filter(pattern -> isSecure || pattern.startsWith(PLAIN))
                .map(pattern -> pattern.startsWith(PLAIN) ? pattern.substring(PLAIN.length()) : pattern)
                .toList();
        int host = origin.indexOf("://") + 3;
        int colon = origin.lastIndexOf(':');
        if (host < 3 || colon < host || patterns.isEmpty()) {
            return false;
        }
        for (int rank : new HostRanks(patterns).of(origin.substring(host, colon), port(origin, colon))) {
            if (rank > 0) {
                return true;
            }
        }
        return false;
    }

    private static int port(String origin, int colon) {
        try {
            return Integer.parseInt(origin.substring(colon + 1));
        } catch (NumberFormatException none) {
            return 0;
        }
    }

    private void overwrite() {
        rows.values().forEach(row -> row.keys().forEach(key -> key.value().close()));
        rows.clear();
    }

    @Override
    public synchronized void close() {
        overwrite();
        files.close();
    }
}
