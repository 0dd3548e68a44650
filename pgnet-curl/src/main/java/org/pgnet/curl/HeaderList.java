package org.pgnet.curl;

import java.util.List;

/** Owner of a curl_slist of header lines, which libcurl reads while a transfer runs. */
final class HeaderList implements AutoCloseable {

    private long address;

    /** @throws CurlException when there is no memory */
    HeaderList(List<String> lines) {
        for (String line : lines) {
            append(line);
        }
    }

    /** For CURLOPT_HTTPHEADER; 0 for no lines. */
    long address() {
        return address;
    }

    private void append(String line) {
        long longer = LibCurl.curl_slist_append(address, CString.of(line));
        if (longer == 0) {
            close();
        }
        address = ReturnCode.checkAllocated(longer);
    }

    @Override
    public void close() {
        LibCurl.curl_slist_free_all(address);
        address = 0;
    }
}
