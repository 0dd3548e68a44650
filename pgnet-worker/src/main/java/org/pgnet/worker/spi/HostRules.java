package org.pgnet.worker.spi;

import java.util.Optional;
import java.util.Set;

/** How requests to hosts are sent: one state of the rules that users have set. Immutable; any thread. */
public interface HostRules {
    /** No rules. */
    HostRules NONE = origin -> HostTerms.NONE;

    /** Whether nothing but {@link HostTerms#NONE} holds anywhere. */
    default boolean isEmpty() {
        return this == NONE;
    }

    /**
     * What holds for an origin. Two calls for one origin give equal terms.
     *
     * @param origin as {@link org.pgnet.worker.http.Origins} gives it
     */
    HostTerms of(String origin);

    /** The secrets that headers of any origin name. */
    default Set<String> secretNames() {
        return Set.of();
    }

    /** The wishes for probes that are known. One that earlier rules do not have is new. */
    default Set<ProbeWish> probeWishes() {
        return Set.of();
    }

    /** Whether one of these wishes is about an origin. */
    default boolean concern(Set<ProbeWish> wishes, String origin) {
        return false;
    }

    /** Requests of this owner come: {@link #mayCall} will be asked of it. Backend thread. */
    default void expect(long owner) {}

    /** Why requests of a webhook are not sent; empty when they are. */
    default Optional<String> refusalOf(long owner, String webhook) {
        return Optional.empty();
    }

    /** A receiver has said that it wants nothing more of a webhook: {@link #refusalOf} says so from here on. Any thread. */
    default void gone(long owner, String webhook) {}

    /**
     * Whether the requests of an owner may go where these terms hold, by {@link HostTerms#rolesRule}.
     *
     * @param owner as in {@link DueRequest#owner}
     */
    default boolean mayCall(long owner, HostTerms terms) {
        return terms.rolesRule().isEmpty();
    }
}
