/**
 * What starts next: owners take turns, then origins, and neither one of them nor all together have more in flight than they
 * may. Transfer thread. Throws nothing.
 */
package org.pgnet.worker.dispatch;
