/**
 * The threads beside the backend thread, and the mailboxes between them: the transfer thread that owns the network, and the
 * one that prepares large bodies. Methods that are not private say whose they are. What these threads throw, the backend
 * thread throws again when it next takes outcomes.
 */
package org.pgnet.worker.transfer;
