package org.pgnet.worker.secrets;

/** Who may use a secret. Backend thread. */
public interface UseRights {
    /** Whether the requests of an owner may use it now. */
    boolean mayUse(long owner, SecretRow secret);
}
