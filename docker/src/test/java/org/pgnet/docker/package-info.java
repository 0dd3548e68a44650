/**
 * Tests of the container image, and of the Debian package in a container. They need a container engine and the images
 * that {@code make docker} builds, and are skipped where there is no engine. Traffic stays on the engine's own networks.
 */
package org.pgnet.docker;
