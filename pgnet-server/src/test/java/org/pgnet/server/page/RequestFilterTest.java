package org.pgnet.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RequestFilterTest {
    @Test
    void wordsAreConditionsWithArguments() {
        RequestFilter filter =
                RequestFilter.parse("host:API.example.com:443 status:5xx owner:app method:post older:10min");
        assertThat(filter.conditions()).hasSize(6);
        assertThat(filter.arguments())
                .containsExactly("api.example.com", "api.example.com", 500, 599, "app", "post", "10 minutes");
        assertThat(filter.notes()).isEmpty();
    }

    @Test
    void noValueIsPartOfTheStatement() {
        String hostile = "'; drop table x; --";
        RequestFilter filter = RequestFilter.parse("host:" + hostile + " owner:" + hostile + " " + hostile);
        assertThat(filter.sql()).doesNotContain("drop", ";");
        assertThat(filter.sql().chars().filter(c -> c == '?').count())
                .isGreaterThanOrEqualTo(filter.arguments().size());
    }

    @Test
    void whatCannotBeReadIsSaid() {
        RequestFilter filter = RequestFilter.parse("status:abc older:soon");
        assertThat(filter.conditions()).isEmpty();
        assertThat(filter.notes()).hasSize(2);
    }

    @Test
    void aNumberIsAnId() {
        assertThat(RequestFilter.parse("#42").id()).hasValue(42L);
        assertThat(RequestFilter.parse("42").id()).hasValue(42L);
        assertThat(RequestFilter.parse("99999999999999999999").id()).isEmpty();
    }

    @Test
    void anythingElseIsPartOfTheUrl() {
        assertThat(RequestFilter.parse("/orders").arguments()).containsExactly("/orders");
        assertThat(RequestFilter.parse("http://a/b").arguments()).containsExactly("http://a/b");
    }

    @Test
    void nothingIsNoCondition() {
        assertThat(RequestFilter.parse("  ").isEmpty()).isTrue();
        assertThat(RequestFilter.parse("").sql()).isEqualTo("true");
    }
}
