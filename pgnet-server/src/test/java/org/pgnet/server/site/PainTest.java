package org.pgnet.server.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pgnet.server.database.Row;
import org.pgnet.server.page.HostFlow;
import org.pgnet.server.page.OverviewPage;
import org.pgnet.server.page.Tone;

/** The hosts in most pain: a row says whose it is when there are several of its host, and only then. */
class PainTest {
    private static final String SHARED = "https://api.example.com:443";
    private static final String ALONE = "https://b.example.com:443";

    @Test
    void rowsOfOneHostSayWhoseTheyAre() {
        OverviewPage.Model model = model(flow(SHARED, "alice"), flow(ALONE, "alice"), flow(SHARED, "<b>ob"));

        assertThat(model.hosts().stream().map(model::isShared)).containsExactly(true, false, true);
        List<String> rows = rows(model);
        assertThat(rows.get(0)).contains(SHARED, "of <bdi>alice</bdi>");
        assertThat(rows.get(1)).contains(ALONE).doesNotContain("alice");
        assertThat(rows.get(2)).contains(SHARED, "of <bdi>&lt;b&gt;ob</bdi>");
    }

    @Test
    void portsAndSchemesAreHostsOfTheirOwn() {
        OverviewPage.Model model = model(
                flow(SHARED, "alice"),
                flow("https://api.example.com:8443", "bob"),
                flow("http://api.example.com:443", "bob"));

        assertThat(rows(model)).noneMatch(row -> row.contains("alice") || row.contains("bob"));
    }

    private static List<String> rows(OverviewPage.Model model) {
        String table = new Templates().part("part/pain.jte", Map.of("model", model));
        return List.of(table.substring(table.indexOf("<tbody>")).split("<tr>"))
                .subList(1, model.hosts().size() + 1);
    }

    private static HostFlow flow(String origin, String owner) {
        return HostFlow.of(new Row(Map.of("origin", origin, "owner_name", owner, "waiting", 3L)));
    }

    private static OverviewPage.Model model(HostFlow... hosts) {
        return new OverviewPage.Model(Tone.WELL, "", List.of(), true, List.of(), false, List.of(hosts), "", "");
    }
}
