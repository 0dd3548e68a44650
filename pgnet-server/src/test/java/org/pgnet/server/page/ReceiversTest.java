package org.pgnet.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReceiversTest {
    @Test
    void areThoseOfTheDocumentWithTheNameOfTheKey() {
        assertThat(Receivers.all("ORDERS_WEBHOOK_KEY"))
                .extracting(Receivers.Receiver::language)
                .containsExactly("Node", "Python", "Java");
        assertThat(Receivers.all("ORDERS_WEBHOOK_KEY"))
                .allMatch(receiver -> receiver.code().contains("ORDERS_WEBHOOK_KEY")
                        && receiver.code().contains("PORT")
                        && !receiver.code().contains("```"));
    }

    @ParameterizedTest
    @CsvSource({
        "orders,ORDERS_WEBHOOK_KEY",
        "new-orders.v2,NEW_ORDERS_V2_WEBHOOK_KEY",
        "7up,WEBHOOK_KEY",
        "заказы,WEBHOOK_KEY"
    })
    void aNameIsOneForAVariableOfTheEnvironment(String webhook, String variable) {
        assertThat(Receivers.variable(webhook)).isEqualTo(variable);
    }
}
