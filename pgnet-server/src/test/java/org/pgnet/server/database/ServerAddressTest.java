package org.pgnet.server.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerAddressTest {
    @Test
    void aUrlHasAllParts() {
        ServerAddress address = of("postgresql://app:p%40ss%2Bword@db.example:6432/sales?sslmode=verify-full");
        assertThat(address.jdbcUrl()).isEqualTo("jdbc:postgresql://db.example:6432/sales");
        assertThat(address.role()).hasValue("app");
        assertThat(address.password()).hasValue("p@ss+word");
        assertThat(address.options()).containsExactly(Map.entry("sslmode", "verify-full"));
    }

    @Test
    void theEnvironmentHasWhatTheUrlLeavesOut() {
        Map<String, String> environment = Map.of(
                "PGHOST",
                "db.example",
                "PGPORT",
                "6000",
                "PGUSER",
                "app",
                "PGPASSWORD",
                "secret",
                "PGSSLMODE",
                "require");
        ServerAddress address = ServerAddress.of(Optional.of("postgresql:///sales"), environment);
        assertThat(address.shown()).isEqualTo("db.example:6000/sales");
        assertThat(address.role()).hasValue("app");
        assertThat(address.password()).hasValue("secret");
        assertThat(address.options()).containsEntry("sslmode", "require");
    }

    @Test
    void withoutAnythingItIsThisMachine() {
        assertThat(ServerAddress.of(Optional.empty(), Map.of()).shown()).isEqualTo("127.0.0.1:5432/postgres");
    }

    @Test
    void theDatabaseIsCalledLikeTheRoleUnlessItIsNamed() {
        assertThat(ServerAddress.of(Optional.empty(), Map.of("PGUSER", "app")).database())
                .isEqualTo("app");
        assertThat(of("postgresql://app@db.example").database()).isEqualTo("app");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mysql://a/b",
                "postgresql://a,b/c",
                "postgresql://h/d?socketFactory=evil.Class",
                "postgresql://h/d?loggerFile=/tmp/x",
                "postgresql://user:pa@ss@host/db",
                "host=a"
            })
    void whatItCannotTakeIsSaidWithoutThePassword(String url) {
        assertThatThrownBy(() -> of(url))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .doesNotContain("pa@ss");
    }

    private static ServerAddress of(String url) {
        return ServerAddress.of(Optional.of(url), Map.of());
    }
}
