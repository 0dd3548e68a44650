/**
 * The measurements of {@code make bench}: each {@link org.pgnet.bench.Scenario} sets what pg_net does beside its
 * reference, measured in the same rounds, and {@link org.pgnet.bench.Page} writes the table.
 *
 * <p>Ratios decide, because absolute figures of one machine say little about another and these vary from minute to
 * minute. Everything runs on a throwaway cluster with PostgreSQL's defaults, and talks to loopback only.
 *
 * <p>One thread, but for the clients of some scenarios. What does not work is an exception, a bound that is missed is
 * not.
 */
package org.pgnet.bench;
