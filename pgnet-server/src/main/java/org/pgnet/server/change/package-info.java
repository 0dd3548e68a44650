/**
 * What the page and the commands may change. Each change is one SQL statement, which is shown before it is run, as it is run.
 */
package org.pgnet.server.change;
