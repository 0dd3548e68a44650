package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgnet.worker.spi.StoreException;

class SqlStateTest {

    @ParameterizedTest
    @CsvSource({
        "22P05, ROW", // untranslatable character
        "23514, ROW", // check violation
        "54000, ROW", // program limit exceeded
        "XX000, UNKNOWN", // internal error
        "40P01, OUTAGE", // deadlock detected
        "42P01, UNKNOWN", // undefined table
        "P0001, UNKNOWN", // raise exception
        "53400, ROW", // temp_file_limit
        "53200, UNKNOWN", // out of memory
        "25006, OUTAGE", // read only
        "08001, UNKNOWN", // another server cannot be connected to, by dblink for example
        "55000, UNKNOWN", // currval of a sequence that was not used
        "55006, OUTAGE", // object in use
        "53100, OUTAGE", // disk full
        "55P03, OUTAGE", // lock not available
        "57014, OUTAGE", // query canceled
        "58030, OUTAGE" // I/O error
    })
    void kindTellsRowsFromOutages(String sqlState, StoreException.Kind kind) {
        assertThat(SqlState.kind(sqlState)).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({
        "53100, true, true, true",
        "57P01, true, true, true",
        "58030, true, true, true",
        "55P03, false, true, true",
        "40001, false, true, true",
        "23505, false, false, true",
        "P0001, false, false, true"
    })
    void laterMannerIsTriedWhereItMayDoBetter(
            String sqlState, boolean trustful, boolean careful, boolean withoutTriggers) {
        assertThat(SqlState.isFinal(sqlState, Manner.TRUSTFUL)).isEqualTo(trustful);
        assertThat(SqlState.isFinal(sqlState, Manner.CAREFUL)).isEqualTo(careful);
        assertThat(SqlState.isFinal(sqlState, Manner.WITHOUT_TRIGGERS)).isEqualTo(withoutTriggers);
    }
}
