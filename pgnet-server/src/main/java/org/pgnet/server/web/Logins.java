package org.pgnet.server.web;

import java.util.function.Supplier;
import org.pgnet.server.database.RoleDatabase;

/** Begins and ends sessions. */
public final class Logins {
    private final Sessions sessions;
    private final Cookies cookies;

    Logins(Sessions sessions, Cookies cookies) {
        this.sessions = sessions;
        this.cookies = cookies;
    }

    /** A token for a form of somebody who is not logged in; {@link #withToken} has the browser keep it. */
    public String newToken() {
        return Tokens.next();
    }

    public Answer withToken(Answer answer, String token) {
        return answer.with("Set-Cookie", cookies.ofLogin(token));
    }

    /** Logs in a role whose password has been found to be right, and goes to a path. */
    public Answer begin(String role, String password, Supplier<RoleDatabase> database, String path) {
        Session session = sessions.begin(role, password, database);
        return Answer.seeOther(path).with("Set-Cookie", cookies.ofSession(session.token()));
    }

    public Answer end(Session session, String path) {
        sessions.end(session);
        return Answer.seeOther(path).with("Set-Cookie", cookies.withoutSession());
    }

    /** Whether somebody is still logged in; a stream asks that from time to time. */
    public boolean isOpen(Session session) {
        return sessions.isOpen(session);
    }
}
