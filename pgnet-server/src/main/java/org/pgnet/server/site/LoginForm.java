package org.pgnet.server.site;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.pgnet.server.database.Connector;
import org.pgnet.server.database.RoleDatabase;
import org.pgnet.server.page.Format;
import org.pgnet.server.web.Answer;
import org.pgnet.server.web.Call;
import org.pgnet.server.web.LocalPath;
import org.pgnet.server.web.LoginLimiter;
import org.pgnet.server.web.Logins;

/** Logging in as a role of the database, which alone decides whether the password is right, and out. */
public final class LoginForm {
    private static final int LONGEST_NAME = 256;
    private static final int LONGEST_PASSWORD = 4_096;

    private final Connector connector;
    private final Logins logins;
    private final Templates templates;
    private final LoginLimiter limiter = new LoginLimiter(Clock.systemUTC());

    /** @param next where to go then */
    public record Model(String role, String next, Optional<String> error) {}

    LoginForm(Connector connector, Logins logins, Templates templates) {
        this.connector = connector;
        this.logins = logins;
        this.templates = templates;
    }

    Answer show(Call call) {
        String next = LocalPath.orFront(call.query().value("next").orElse("/"));
        return show(200, new Model(connector.address().role().orElse(""), next, Optional.empty()));
    }

    Answer logIn(Call call) {
        String role = call.form().exact("role");
        String password = call.form().exact("password");
        String next = LocalPath.orFront(call.form().exact("next"));
        if (role.isEmpty() || !isPossible(role, LONGEST_NAME) || !isPossible(password, LONGEST_PASSWORD)) {
            return show(400, new Model("", next, Optional.of("Give the name of a role and its password.")));
        }
        Optional<Duration> wait = limiter.take(role, call.from());
        if (wait.isPresent()) {
            String seconds = Format.duration(wait.get().plusMillis(999).truncatedTo(ChronoUnit.SECONDS));
            return show(429, new Model(role, next, Optional.of("Too many tries. Wait " + seconds + ".")));
        }
        try {
            connector.check(role, password);
            limiter.succeeded(role);
            return logins.begin(role, password, () -> new RoleDatabase(connector, role, password), next);
        } catch (SQLException e) {
            return failed(role, next, e);
        } catch (IllegalStateException e) {
            return show(503, new Model(role, next, Optional.of("Too many people are logged in.")));
        }
    }

    Answer logOut(Call call) {
        return logins.end(call.requiredSession(), "/login");
    }

    private Answer failed(String role, String next, SQLException failure) {
        String state = failure.getSQLState() == null ? "" : failure.getSQLState();
        if (Problem.isRefused(state)) {
            return show(403, new Model(role, next, Optional.of("The database refuses this role and password.")));
        }
        return show(503, new Model(role, next, Optional.of(Problem.of(failure).title() + " " + failure.getMessage())));
    }

    private Answer show(int status, Model model) {
        String token = logins.newToken();
        Frame frame =
                new Frame("Log in", List.of(), "", connector.address().shown(), token, "", Optional.empty(), "/login");
        return logins.withToken(Answer.html(status, templates.page(frame, "login.jte", model)), token);
    }

    private static boolean isPossible(String text, int longest) {
        return text.length() <= longest && text.indexOf('\0') < 0;
    }
}
