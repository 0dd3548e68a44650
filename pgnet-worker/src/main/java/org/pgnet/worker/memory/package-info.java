/**
 * A store and a host in memory: for tests, and for the rehearsal at installation. Any thread.
 */
package org.pgnet.worker.memory;
