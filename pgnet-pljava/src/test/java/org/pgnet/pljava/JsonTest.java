package org.pgnet.pljava;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class JsonTest {

    @Test
    void objectHoldsEveryKindOfValue() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("text", "a \"quote\", Zoë, \u0001");
        members.put("int", 1);
        members.put("long", Long.MIN_VALUE);
        members.put("double", 0.1);
        members.put("decimal", new BigDecimal("1.50"));
        members.put("bool", true);
        members.put("none", null);
        members.put("list", List.of(1, "b", List.of()));
        members.put("map", Map.of("k", "v"));
        members.put("other", new UUID(0, 1));

        assertThat(Json.object(members))
                .isEqualTo("{\"text\":\"a \\\"quote\\\", Zoë, \\u0001\",\"int\":1,\"long\":-9223372036854775808,"
                        + "\"double\":0.1,\"decimal\":1.50,\"bool\":true,\"none\":null,\"list\":[1,\"b\",[]],"
                        + "\"map\":{\"k\":\"v\"},\"other\":\"00000000-0000-0000-0000-000000000001\"}");
        assertThat(Json.object(Map.of())).isEqualTo("{}");
    }

    @Test
    void numberThatIsNotFiniteIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Json.object(Map.of("n", Double.NaN)));
    }

    @Test
    void headersHaveAValueForEachLine() {
        assertThat(Json.headers("{\"a\": \"1\", \"b\": [\"2\", \"3\"], \"c\": []}"))
                .containsExactly(
                        Map.entry("a", List.of("1")), Map.entry("b", List.of("2", "3")), Map.entry("c", List.of()));
        assertThat(Json.headers("{}")).isEmpty();
    }

    @Test
    void malformedHeadersAreNotQuoted() {
        assertThatThrownBy(() -> Json.headers("{\"Set-Cookie\": secret}"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageNotContaining("secret")
                .hasNoCause();
    }
}
