/**
 * The command line. Each command opens one connection as the role of its URL or environment, and ends; {@code ui} runs until it is
 * stopped. Exit codes: 0 for what it should be, 1 and 2 for what {@code doctor} finds, 64 for a command line that cannot be read,
 * 69 when the database cannot be asked.
 */
package org.pgnet.server.command;
