package org.pgnet.worker.exchange;

import org.pgnet.worker.http.Origins;
import org.pgnet.worker.http.ResponseReader;

/** What all exchanges of a transfer thread follow their redirects with. That thread. */
public final class Hops {
    final ResponseReader reader = new ResponseReader();
    final Origins origins = new Origins();
    final RedirectMemory memory = new RedirectMemory();
}
