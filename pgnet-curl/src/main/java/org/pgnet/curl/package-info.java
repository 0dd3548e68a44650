/**
 * libcurl's multi interface: many HTTP transfers at once on one thread, and what arrives in native memory.
 *
 * <p>Start at {@link org.pgnet.curl.TransferLoop}: it takes {@link org.pgnet.curl.Transfer}s and hands out one {@link
 * org.pgnet.curl.TransferResult} for each. {@link org.pgnet.curl.CurlUrl} is libcurl's own URL parser, so that what is
 * checked and what is sent cannot disagree. The test {@code TutorialTest} shows it all from nothing to a response.
 *
 * <p>Threads: a loop, its transfers' bodies and its results belong to one thread at a time; only {@link
 * org.pgnet.curl.TransferLoop#wakeup()} may be called by any. {@code CurlLibrary}, {@code CurlUrl} and {@code
 * HostPatterns} may be used by any thread.
 *
 * <p>Errors: what goes wrong with one transfer, also before it is sent, is a failed result and never an exception. {@link
 * org.pgnet.curl.CurlException} means that libcurl itself cannot work (not found, too old, no memory) or that a URL does
 * not parse; {@link java.lang.IllegalStateException} that something was used after its close.
 *
 * <p>Memory: libcurl gives headers and body to a small C sink by pointer, so nothing calls from C into Java while a
 * transfer runs, and bodies never enter the Java heap. {@link org.pgnet.curl.NativeBytes} has one owner, who closes it.
 * Large bodies share a budget ({@link org.pgnet.curl.TransferLoop#maxBodyMemory}), and wait until others are closed.
 *
 * <p>Owners: each transfer has one, and what libcurl keeps of it (connections, TLS sessions, handles) serves transfers of the
 * same owner only. libcurl's own matching knows no owners, so each has a share handle, and the guard checks.
 *
 * <p>Addresses: a small C guard answers when libcurl opens a socket, and before it sends a request over a connection, from
 * the table of denied networks that the loop owns. Hosts are matched by {@link org.pgnet.curl.HostPatterns} before.
 *
 * <p>Files: libcurl is opened as {@code libcurl.so.4} the way the dynamic linker finds it, {@code libpgnet_curl.so} in the
 * directory that the system property {@code pgnet.library.path} names. Only 64-bit Linux, where a C long and a pointer have
 * the size of a Java long.
 */
package org.pgnet.curl;
