/**
 * The engine: what is sent when, and the duty cycle. It knows neither PostgreSQL nor libcurl's C interface.
 *
 * <p>Two threads run here, and a third one when there are large bodies. Every class belongs to one of them.
 *
 * <ul>
 *   <li>The backend thread is the one that calls {@link org.pgnet.worker.WorkerAgent#run}. It alone uses {@link
 *       org.pgnet.worker.RequestStore} and {@link org.pgnet.worker.WorkerHost}, but for what says "any
 *       thread". {@code Intake} reads requests, {@code Recorder} writes responses, {@code Expiry} deletes old ones.
 *   <li>The transfer thread, {@code TransferThread}, owns the network. {@code Dispatcher} says which request starts next,
 *       {@code Exchange} leads one request through its redirects and makes its {@link org.pgnet.worker.Outcome}.
 *   <li>{@code CompressionThread} has the outcomes with large bodies before the backend thread gets them.
 * </ul>
 *
 * <p>Concurrent queues lead from one to the next, with a {@code Doorbell} where a thread also sleeps on other things.
 *
 * <p>What one request does wrong ends as its own {@link org.pgnet.worker.Outcome.Failure}. A {@link
 * org.pgnet.worker.StoreException} is waited out. Anything else that is thrown on any of them comes out of {@link
 * org.pgnet.worker.WorkerAgent#run}; nothing is lost by it, because every request without a committed response is still
 * queued.
 */
package org.pgnet.worker;
