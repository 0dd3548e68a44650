/**
 * The web site: which address is which page, logging in, changes with their preview, and the streams that keep pages up to date.
 */
package org.pgnet.server.site;
