package org.pgnet.worker.secrets;

import java.util.List;
import java.util.Optional;

/**
 * A secret's row.
 *
 * @param name by which requests know it
 * @param owner its owner, a number of the host's
 * @param file the name of the file that holds its value, if one does
 * @param isFileAllowed whether its owner may have files read
 * @param hosts patterns of the hosts that it is for, with {@code http://} before one that it may be sent to without TLS
 * @param roles others that may use it, in whatever form {@link UseRights} reads
 * @param keys its values, if no file holds it, the newest one first
 */
public record SecretRow(
        String name,
        long owner,
        Optional<String> file,
        boolean isFileAllowed,
        List<String> hosts,
        String roles,
        List<SecretKey> keys) {}
