package org.pgnet.worker.exchange;

import org.pgnet.worker.http.Origins;
import org.pgnet.worker.http.ResponseReader;

/** The means by which all exchanges of a transfer thread follow redirects. That thread. */
public final class Hops {
    final ResponseReader reader = new ResponseReader();
    final Origins origins = new Origins();
    final RedirectMemory memory = new RedirectMemory();
}
