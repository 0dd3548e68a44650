package org.pgnet.curl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs look for these texts, so no release of libcurl may reword them. */
class ReturnCodeTest {

    @BeforeAll
    static void load() {
        CurlLibrary.initialise();
    }

    @ParameterizedTest
    @CsvSource({
        "5,  Couldn't resolve proxy name",
        "6,  Couldn't resolve host name",
        "7,  Couldn't connect to server",
        "18, Transferred a partial file",
        "28, Timeout was reached",
        "35, SSL connect error",
        "47, Number of redirects hit maximum amount",
        "52, 'Server returned nothing (no headers, no data)'",
        "56, Failure when receiving data from the peer",
        "60, SSL peer certificate or SSH remote key was not OK",
        "66, Failed to initialise SSL crypto engine",
        "92, Stream error in the HTTP/2 framing layer"
    })
    void textOfAnErrorIsThatOfEveryLibcurl(int code, String text) {
        assertThat(ReturnCode.easyText(code)).isEqualTo(text);
    }
}
