/** Figures for Prometheus: what net.stats, net.stat_host and net.doctor() say when they are asked. */
package org.pgnet.server.metrics;
