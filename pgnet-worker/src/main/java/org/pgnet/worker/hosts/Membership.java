package org.pgnet.worker.hosts;

/** Which owners are members of roles. Backend thread. */
public interface Membership {
    /** Whether an owner has the rights of one of these roles now. Roles that do not exist have no members. */
    boolean hasRightsOfAny(long owner, String roles);
}
