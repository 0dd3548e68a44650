/**
 * What every store does, whatever it is made of, as a test that each store's module runs. This package is published as a jar
 * for them.
 */
package org.pgnet.worker.contract;
