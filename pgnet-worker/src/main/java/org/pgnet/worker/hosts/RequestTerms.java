package org.pgnet.worker.hosts;

import java.util.function.Supplier;
import org.pgnet.worker.http.Origins;
import org.pgnet.worker.spi.DueRequest;
import org.pgnet.worker.spi.HostRules;
import org.pgnet.worker.spi.HostTerms;

/** The terms that apply to requests by the current rules. One thread. */
public final class RequestTerms {
    private final Supplier<HostRules> rules;
    private final Origins origins;

    /** @param origins of the same thread */
    public RequestTerms(Supplier<HostRules> rules, Origins origins) {
        this.rules = rules;
        this.origins = origins;
    }

    /** What holds for the URL of a request. */
    public HostTerms of(DueRequest request) {
        HostRules now = rules.get();
        return now.isEmpty() ? HostTerms.NONE : now.of(origins.of(request.http().url()));
    }
}
