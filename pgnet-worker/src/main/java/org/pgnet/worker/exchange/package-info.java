/**
 * One request from hop to hop: where it may go, how redirects change it, and how it ends. Transfer thread. What cannot be sent
 * is a {@link org.pgnet.worker.http.RequestException} inside, and an outcome outside.
 */
package org.pgnet.worker.exchange;
