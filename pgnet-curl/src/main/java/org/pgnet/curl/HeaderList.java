package org.pgnet.curl;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.List;

/** Owner of a curl_slist of header lines, which libcurl reads while a transfer runs. */
final class HeaderList implements AutoCloseable {

    private final boolean holdsSecrets;
    private long address;

    /** @throws CurlException when there is no memory */
    HeaderList(List<String> lines, List<SecretParts.Line> secretLines) {
        holdsSecrets = !secretLines.isEmpty();
        for (String line : lines) {
            keep(LibCurl.curl_slist_append(address, CString.of(line)));
        }
        for (SecretParts.Line line : secretLines) {
            keep(LibCurl.curl_slist_append(address, line.line().cString()));
        }
    }

    /** For CURLOPT_HTTPHEADER; 0 for no lines. */
    long address() {
        return address;
    }

    /** Overwrites the lines if there are secrets in them: the transfer has ended. */
    void overwrite() {
        long node = holdsSecrets ? address : 0;
        while (node != 0) {
            // struct curl_slist of curl/curl.h: the text, then the next one.
            Pointer text = new Pointer(node).getPointer(0);
            text.setMemory(0, text.indexOf(0, (byte) 0), (byte) 0);
            node = new Pointer(node).getNativeLong(Native.POINTER_SIZE).longValue();
        }
    }

    private void keep(long longer) {
        if (longer == 0) {
            close();
        }
        address = ReturnCode.checkAllocated(longer);
    }

    @Override
    public void close() {
        overwrite();
        LibCurl.curl_slist_free_all(address);
        address = 0;
    }
}
