package org.pgnet.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pgnet.server.page.RequestPage.Header;

class HeaderListTest {
    @Test
    void aHeaderThatCameMoreThanOnceIsSeveral() {
        assertThat(HeaderList.parse("{\"a\": \"1\", \"set-cookie\": [\"x=1\", \"y=2\"], \"n\": 5}"))
                .containsExactly(
                        new Header("a", "1"),
                        new Header("set-cookie", "x=1"),
                        new Header("set-cookie", "y=2"),
                        new Header("n", "5"));
    }

    @Test
    void whatWasCutIsShownAsFarAsItGoes() {
        assertThat(HeaderList.parse("{\"a\": \"1\", \"b\": \"unend"))
                .startsWith(new Header("a", "1"))
                .last()
                .extracting(Header::value)
                .asString()
                .contains("too long");
    }
}
