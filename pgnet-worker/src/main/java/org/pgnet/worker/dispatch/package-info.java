/**
 * What starts next: origins take turns, and neither one of them nor all together have more in flight than they may. Transfer
 * thread. Throws nothing.
 */
package org.pgnet.worker.dispatch;
