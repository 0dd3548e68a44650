package org.pgnet.server.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pgnet.server.page.SetupPage;
import org.pgnet.server.page.View;

class LivePageTest {
    private String step = "one";
    private boolean down;
    private int looks;

    private final LivePage page = new LivePage(this::view, new Templates());

    private View view() throws SQLException {
        looks++;
        if (down) {
            throw new SQLException("gone", "57P01");
        }
        List<SetupPage.Step> steps = List.of(new SetupPage.Step(step, false, "", ""));
        return new View("Setup", "setup.jte", new SetupPage.Model(steps), Map.of("steps", "part/steps.jte"));
    }

    @Test
    void manyLooksInASecondAreOne() {
        LivePage.Shown first = page.look();
        step = "two";
        assertThat(page.look()).isSameAs(first);
        assertThat(looks).isEqualTo(1);
    }

    @Test
    void whatHasNotChangedIsNotDrawnAgain() throws InterruptedException {
        LivePage.Shown first = page.look();
        LivePage.Shown second = lookAgain();
        assertThat(looks).isEqualTo(2);
        assertThat(second).isSameAs(first);

        step = "two";
        assertThat(lookAgain().regions().get("steps")).contains("two");
    }

    @Test
    void aDatabaseThatIsDownLeavesWhatWasThere() throws InterruptedException {
        page.look();
        down = true;
        LivePage.Shown shown = lookAgain();
        assertThat(shown.down()).isTrue();
        assertThat(shown.regions().get("problem")).contains("The database does not answer.");
        assertThat(shown.regions().get("steps")).contains("one");

        down = false;
        assertThat(lookAgain().regions()).containsEntry("problem", "");
    }

    private LivePage.Shown lookAgain() throws InterruptedException {
        Thread.sleep(LivePage.AGE.toMillis());
        return page.look();
    }
}
