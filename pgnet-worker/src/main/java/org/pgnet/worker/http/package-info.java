/**
 * HTTP as text: header lines in and out, and the origins of URLs. Text in, text out, without clock or network. Each object is
 * used by one thread, the static methods by any.
 */
package org.pgnet.worker.http;
