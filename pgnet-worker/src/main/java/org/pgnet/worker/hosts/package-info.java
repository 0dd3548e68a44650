/**
 * What a table of hosts says of an origin: each part from the most specific row that has it. {@link
 * org.pgnet.worker.hosts.HostTable} is one state of the table, made by the backend thread and read by any; which owners may
 * call a host is asked by the backend thread alone, before their requests are handed over.
 *
 * <p>Throws nothing but what the store throws when it is asked.
 */
package org.pgnet.worker.hosts;
