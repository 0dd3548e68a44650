package org.pgnet.jni;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pgnet.worker.http.OriginNumber;
import org.pgnet.worker.spi.FlowRow;
import org.pgnet.worker.spi.FlowState;

/** What requests to hosts do, as host_natives.c reads it: texts in UTF-8, numbers in decimal digits. */
final class FlowTexts {
    private static final long NO_TOKENS = -1_000;

    private final List<byte[]> texts = new ArrayList<>();

    private FlowTexts() {}

    static byte[][] of(List<FlowRow> rows) {
        FlowTexts flow = new FlowTexts();
        rows.forEach(flow::add);
        return flow.texts.toArray(byte[][]::new);
    }

    private void add(FlowRow row) {
        FlowState state = row.now();
        add(state.origin());
        add(state.sender());
        add(state.reason());
        add(state.breaker().map(each -> each.name().toLowerCase(Locale.ROOT)).orElse(""));
        add(state.owner());
        add(OriginNumber.of(state.endpoint()));
        add(state.waiting());
        add(state.inFlight());
        add(state.tokens().isPresent() ? (long) (state.tokens().getAsDouble() * 1_000) : NO_TOKENS);
        add(Micros.of(state.pausedUntil().orElse(Instant.MIN)));
        add(row.sinceStart().started());
        add(row.sinceStart().failed());
        add(row.sinceStart().retried());
        add(state.hindrance().ordinal());
        add(Micros.of(state.brokenSince().orElse(Instant.MIN)));
        add(row.sinceStart().lastError());
        add(Micros.of(row.sinceStart().lastFailed()));
    }

    private void add(long number) {
        add(Long.toString(number));
    }

    private void add(String text) {
        texts.add(text.getBytes(StandardCharsets.UTF_8));
    }
}
