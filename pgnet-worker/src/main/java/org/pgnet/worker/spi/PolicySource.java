package org.pgnet.worker.spi;

import java.util.Optional;

/** The policies that requests name. Backend thread. */
public interface PolicySource {
    /**
     * The policy of this name as it is now; empty when there is none.
     *
     * @throws StoreException when the database refuses
     */
    Optional<PolicyTerms> policy(String name);
}
