package org.pgnet.worker.spi;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The secrets that a request names.
 *
 * @param inserted those whose values replace their names
 * @param signWith the one whose keys sign it
 */
public record NamedSecrets(List<String> inserted, Optional<String> signWith) {
    /** None. */
    public static final NamedSecrets NONE = new NamedSecrets(List.of(), Optional.empty());

    /** Whether there is none. */
    public boolean isEmpty() {
        return inserted.isEmpty() && signWith.isEmpty();
    }

    /** All of them. */
    public List<String> all() {
        return Stream.concat(inserted.stream(), signWith.stream()).toList();
    }
}
