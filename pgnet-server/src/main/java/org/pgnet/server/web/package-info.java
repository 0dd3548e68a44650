/**
 * The HTTP side of the page: who may ask, sessions, and how answers are sent, on the JDK's own server. Knows no page and no SQL.
 * Each request runs on a thread of its own.
 */
package org.pgnet.server.web;
