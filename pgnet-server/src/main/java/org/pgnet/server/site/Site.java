package org.pgnet.server.site;

import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgnet.server.database.Capabilities;
import org.pgnet.server.database.Connector;
import org.pgnet.server.database.RoleDatabase;
import org.pgnet.server.page.DeadLettersPage;
import org.pgnet.server.page.HostsPage;
import org.pgnet.server.page.Look;
import org.pgnet.server.page.OverviewPage;
import org.pgnet.server.page.Page;
import org.pgnet.server.page.RequestPage;
import org.pgnet.server.page.RequestsPage;
import org.pgnet.server.page.SetupPage;
import org.pgnet.server.page.View;
import org.pgnet.server.page.WebhooksPage;
import org.pgnet.server.page.WorkersPage;
import org.pgnet.server.web.Answer;
import org.pgnet.server.web.Call;
import org.pgnet.server.web.Handler;
import org.pgnet.server.web.LocalPath;
import org.pgnet.server.web.Logins;
import org.pgnet.server.web.Query;
import org.pgnet.server.web.Session;

/** Which address is what. Without a session there is nothing but the form to log in, files, and figures for Prometheus. */
public final class Site implements Handler {
    private static final Duration CAPABILITIES_AGE = Duration.ofSeconds(10);
    private static final Page SETUP = new SetupPage();
    private static final Page REQUEST = new RequestPage();
    private static final Map<String, Page> PAGES = pages();
    private static final Map<String, String> LABELS = labels();

    private final Connector connector;
    private final Logins logins;
    private final Optional<Handler> metrics;
    private final Templates templates = new Templates();
    private final Notices notices = new Notices();
    private final LoginForm login;
    private final ChangePages changes = new ChangePages(notices);
    private final LiveStream live = new LiveStream(templates);

    /** @param metrics what answers {@code /metrics}, if anything does */
    public Site(Connector connector, Logins logins, Optional<Handler> metrics) {
        this.connector = connector;
        this.logins = logins;
        this.metrics = metrics;
        login = new LoginForm(connector, logins, templates);
    }

    @Override
    public Answer answer(Call call) throws Exception {
        String path = call.path();
        if (path.startsWith("/static/")) {
            return Assets.answer(path.substring("/static/".length())).orElseGet(Site::notFound);
        }
        if (path.equals("/metrics") && metrics.isPresent()) {
            return metrics.get().answer(call);
        }
        if (path.equals("/login")) {
            return call.method().equals("POST")
                    ? login.logIn(call)
                    : call.session().isPresent() ? Answer.seeOther("/") : login.show(call);
        }
        if (call.session().isEmpty()) {
            return path.equals("/live")
                    ? Answer.text(403, "Log in again.\n")
                    : Answer.seeOther("/login"
                            + Query.EMPTY
                                    .with("next", LocalPath.orFront(call.url()))
                                    .encoded());
        }
        return ofSession(call, path);
    }

    private Answer ofSession(Call call, String path) {
        Session session = call.requiredSession();
        try {
            return switch (path) {
                case "/logout" -> call.method().equals("POST") ? login.logOut(call) : notFound();
                case "/change" -> call.method().equals("POST") ? makeChange(call) : previewChange(call, call.query());
                case "/live" -> liveOf(session, call.query().exact("page"));
                default -> call.method().equals("POST") ? notFound() : page(call);
            };
        } catch (SQLException e) {
            return problem(call, e);
        }
    }

    // ---- pages

    private Answer page(Call call) throws SQLException {
        Optional<Found> found = find(call.path());
        if (found.isEmpty()) {
            return notFound();
        }
        View view = found.get().view(call.requiredSession().database(), call.query(), false);
        String stream = "/live" + Query.EMPTY.with("page", call.url()).encoded();
        int status = view.template().equals("missing.jte") ? 404 : 200;
        return Answer.html(status, templates.page(frame(call, view.title(), stream), view));
    }

    private Answer liveOf(Session session, String address) {
        Optional<Found> found = find(address.replaceFirst("\\?.*", ""));
        if (found.isEmpty()) {
            return notFound();
        }
        Query query = Query.parse(address.contains("?") ? address.substring(address.indexOf('?') + 1) : "");
        LivePages.Key key = new LivePages.Key(session.database(), address);
        return live.answer(key, () -> found.get().view(session.database(), query, true), () -> logins.isOpen(session));
    }

    /** A page, and what is behind its name in the address. */
    private record Found(Page page, String rest) {
        View view(RoleDatabase database, Query query, boolean follows) throws SQLException {
            Capabilities has = follows
                    ? database.follow("capabilities", CAPABILITIES_AGE, Capabilities::of)
                    : database.read("capabilities", CAPABILITIES_AGE, Capabilities::of);
            return (has.installed() ? page : SETUP).view(new Look(database, has, rest, query, follows));
        }
    }

    private static Optional<Found> find(String path) {
        if (path.startsWith("/requests/")) {
            return Optional.of(new Found(REQUEST, path.substring("/requests/".length())));
        }
        return Optional.ofNullable(PAGES.get(path)).map(page -> new Found(page, ""));
    }

    // ---- changes

    private Answer previewChange(Call call, Query fields) throws SQLException {
        ChangePages.Preview preview = changes.preview(look(call), fields);
        return Answer.html(200, templates.page(frame(call, preview.title(), ""), preview.template(), preview.model()));
    }

    private Answer makeChange(Call call) throws SQLException {
        return changes.make(look(call), call);
    }

    private static Look look(Call call) throws SQLException {
        RoleDatabase database = call.requiredSession().database();
        Capabilities has = database.read("capabilities", CAPABILITIES_AGE, Capabilities::of);
        return new Look(database, has, "", call.query(), false);
    }

    // ---- what is around

    private Frame frame(Call call, String title, String stream) {
        Session session = call.requiredSession();
        List<Frame.Link> links = LABELS.entrySet().stream()
                .map(entry -> new Frame.Link(entry.getValue(), entry.getKey(), isCurrent(entry.getKey(), call.path())))
                .toList();
        Optional<String> notice = call.path().equals("/change") ? Optional.empty() : notices.take(session);
        return new Frame(
                title,
                links,
                session.role(),
                connector.address().shown(),
                session.csrfToken(),
                stream,
                notice,
                call.url());
    }

    private static boolean isCurrent(String page, String path) {
        return path.equals(page) || !page.equals("/") && path.startsWith(page + "/");
    }

    private Answer problem(Call call, SQLException failure) {
        Problem problem = Problem.of(failure);
        String stream = problem.passing() && find(call.path()).isPresent()
                ? "/live" + Query.EMPTY.with("page", call.url()).encoded()
                : "";
        int status = problem.passing() ? 503 : 403;
        return Answer.html(status, templates.page(frame(call, problem.title(), stream), "problem.jte", problem));
    }

    private static Answer notFound() {
        return Answer.text(404, "There is no such page.\n");
    }

    private static Map<String, Page> pages() {
        return Map.of(
                "/", new OverviewPage(),
                "/requests", new RequestsPage(),
                "/hosts", new HostsPage(),
                "/webhooks", new WebhooksPage(),
                "/dead", new DeadLettersPage(),
                "/workers", new WorkersPage(),
                "/setup", SETUP);
    }

    private static Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("/", "Overview");
        labels.put("/requests", "Requests");
        labels.put("/hosts", "Hosts");
        labels.put("/webhooks", "Webhooks");
        labels.put("/dead", "Dead letters");
        labels.put("/workers", "Workers");
        labels.put("/setup", "Setup");
        return labels;
    }
}
