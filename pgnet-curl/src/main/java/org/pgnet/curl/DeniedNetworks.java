package org.pgnet.curl;

/**
 * Owner of the native table of networks that no connection may lead to. Its address stays the same while its content
 * changes, so that transfers in flight obey the newest. Belongs to its loop's thread, on which libcurl reads it.
 */
final class DeniedNetworks implements AutoCloseable {

    private static final int OUT_OF_MEMORY = 2;

    private long address = ReturnCode.checkAllocated(LibPgnet.pgnet_denied_create());

    /** For {@link ConnectionGuard}. */
    long address() {
        return address;
    }

    /**
     * Denies these networks, and no others, from now on.
     *
     * @throws CurlException when one of them is no network, or there is no memory; nothing changes then
     */
    void set(String networks) {
        int failure = CString.isPossible(networks) ? LibPgnet.pgnet_denied_set(address, CString.of(networks)) : 1;
        if (failure == OUT_OF_MEMORY) {
            ReturnCode.checkEasy(LibCurl.CURLE_OUT_OF_MEMORY);
        }
        if (failure != 0) {
            throw new CurlException(
                    LibCurl.CURLE_BAD_FUNCTION_ARGUMENT, "not a list of networks in CIDR notation: " + networks);
        }
    }

    /**
     * Whether a connection to this address would be refused.
     *
     * @throws CurlException when it is no IPv4 or IPv6 address
     */
    boolean contains(String ipAddress) {
        int answer = LibPgnet.pgnet_denied_contains(address, CString.of(ipAddress));
        if (answer < 0) {
            throw new CurlException(LibCurl.CURLE_BAD_FUNCTION_ARGUMENT, "not an address: " + ipAddress);
        }
        return answer > 0;
    }

    /** No guard may be in use any more. A second call does nothing. */
    @Override
    public void close() {
        if (address != 0) {
            LibPgnet.pgnet_denied_destroy(address);
            address = 0;
        }
    }
}
