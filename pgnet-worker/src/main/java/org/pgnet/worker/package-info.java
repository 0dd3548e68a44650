/**
 * The engine: what is sent when, and the duty cycle. It knows neither PostgreSQL nor libcurl's C interface.
 *
 * <p>Two threads run here, and a third one when there are large bodies. Every package belongs to one of them, or says for
 * each class to which.
 *
 * <ul>
 *   <li>The backend thread is the one that calls {@link org.pgnet.worker.WorkerAgent#run}. It alone uses what a host
 *       implements ({@code .spi}), but for what says "any thread". It reads requests ({@code .intake}), writes responses and
 *       deletes old ones ({@code .record}), and looks at what the last process left ({@code .recovery}).
 *   <li>The transfer thread ({@code .transfer}) owns the network. {@code .dispatch} says which request starts next,
 *       {@code .exchange} leads one request through its redirects and makes its outcome.
 *   <li>The preparation thread ({@code .transfer}) has the outcomes with large bodies before the backend thread gets them.
 * </ul>
 *
 * <p>Concurrent queues lead from one to the next, with a {@code Doorbell} where a thread also sleeps on other things.
 *
 * <p>The packages use each other in one direction: this one all of them; {@code .intake} and {@code .transfer} those below;
 * {@code .dispatch} and {@code .recovery} {@code .exchange}, the first also {@code .delivery}; {@code .exchange} {@code .http}; all of them {@code .spi}. A
 * test fails when an arrow runs the other way.
 *
 * <p>What one request does wrong ends as its own outcome. A {@link org.pgnet.worker.spi.StoreException} is waited out.
 * Anything else that is thrown on any of them comes out of {@link org.pgnet.worker.WorkerAgent#run}; nothing is lost by it,
 * because every request without a committed response is still queued.
 */
package org.pgnet.worker;
