package org.pgnet.worker.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgnet.worker.spi.FailureKind;

class RetryOnTest {

    @ParameterizedTest
    @CsvSource({
        "503, 503, 503",
        "4xx, 400, 499",
        "5xx, 500, 599",
        "502-504, 502, 504",
        "100-599, 100, 599",
        "1xx, 100, 199"
    })
    void wordMeansTheseStatusesAndNoOthers(String word, int first, int last) {
        RetryOn retryOn = RetryOn.of(List.of(word));
        assertThat(IntStream.range(0, 1_000).filter(retryOn::containsStatus))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(first, last).boxed().toList());
        assertThat(List.of(FailureKind.values())).noneMatch(retryOn::containsFailure);
    }

    @Test
    void wordsAdd() {
        RetryOn retryOn = RetryOn.of(List.of("network", "408", "5xx", "408"));
        assertThat(IntStream.range(0, 1_000).filter(retryOn::containsStatus))
                .hasSize(101)
                .contains(408, 500);
        assertThat(retryOn.containsFailure(FailureKind.NETWORK)).isTrue();
        assertThat(retryOn.containsFailure(FailureKind.TIMEOUT)).isFalse();
    }

    @Test
    void timeoutIsNoFailureOfTheNetwork() {
        RetryOn retryOn = RetryOn.of(List.of("timeout"));
        assertThat(retryOn.containsFailure(FailureKind.TIMEOUT)).isTrue();
        assertThat(retryOn.containsFailure(FailureKind.NETWORK)).isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"REFUSED", "CERTIFICATE", "IMPOSSIBLE", "TOO_LARGE", "REDIRECT", "NOT_STORED", "OTHER"})
    void whatDoesNotPassByItselfIsInNoPolicy(FailureKind kind) {
        assertThat(RetryOn.of(List.of("network", "timeout", "100-599")).containsFailure(kind))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "Network", "5XX", "xxx", "6xx", "99", "600", "0503", "504-502", "5xx-503", "500-", "-500", " 503",
                "5x3"
            })
    void anyOtherWordIsRefused(String word) {
        assertThatThrownBy(() -> RetryOn.of(List.of(word))).isInstanceOf(IllegalArgumentException.class);
    }
}
