package org.pgnet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Java takes what C says, and says what does not fit. */
class ContractTest {
    private final Contract contract = new Contract("""
            record Parcel 24
            field weight 16 4
            field receiver 8 8
            names Colour
            name RED
            name GREEN
            """);

    private enum Colour {
        RED,
        GREEN
    }

    private enum Colours {
        GREEN,
        RED
    }

    @Test
    void offsetsAreThoseOfC() {
        Layout parcel = contract.record("Parcel");

        assertThat(parcel.int32("weight")).isEqualTo(16);
        assertThat(parcel.int64("receiver")).isEqualTo(8);
        assertThat(parcel.size()).isEqualTo(24);
    }

    @Test
    void fieldThatCLacksIsNamed() {
        Layout parcel = contract.record("Parcel");

        assertThatThrownBy(() -> parcel.int32("height")).hasMessage("C does not know height of Parcel");
    }

    @Test
    void fieldOfAnotherSizeIsNamed() {
        Layout parcel = contract.record("Parcel");

        assertThatThrownBy(() -> parcel.int64("weight")).hasMessage("weight of Parcel has 4 bytes in C and 8 in Java");
    }

    @Test
    void fieldThatJavaLacksIsNamed() {
        Layout parcel = contract.record("Parcel");
        parcel.int32("weight");

        assertThatThrownBy(parcel::size).hasMessage("Java does not know [receiver] of Parcel");
    }

    @Test
    void recordThatCLacksIsNamed() {
        assertThatThrownBy(() -> contract.record("Letter")).hasMessage("C does not know Letter");
    }

    @Test
    void namesAreTheSameInTheSameOrder() {
        contract.requireNames("Colour", Colour.values());

        assertThatThrownBy(() -> contract.requireNames("Colour", Colours.values()))
                .hasMessage("Colour is [RED, GREEN] in C and [GREEN, RED] in Java");
        assertThatThrownBy(() -> contract.requireNames("Shade", Colour.values()))
                .hasMessage("Shade is [] in C and [RED, GREEN] in Java");
    }

    @Test
    void whatIsNoDescriptionIsRefused() {
        assertThatThrownBy(() -> new Contract("records Parcel")).hasMessageContaining("\"records Parcel\"");
    }

    @Test
    void fieldsOfARehearsalFollowEachOther() {
        Layout parcel = Layout.consecutive("Parcel");

        assertThat(parcel.int64("receiver")).isZero();
        assertThat(parcel.int32("weight")).isEqualTo(8);
        assertThat(parcel.size()).isEqualTo(12);
    }
}
