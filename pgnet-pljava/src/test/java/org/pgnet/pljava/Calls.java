package org.pgnet.pljava;

import java.sql.SQLException;
import java.util.List;

/** A way to call the request functions. */
interface Calls {

    /** Calls a request function with all its arguments, and returns the request id. */
    long request(String signature, List<Object> arguments) throws SQLException;

    /** Status, message, status code, headers and body that http_collect_response gives, as text. */
    String collect(Long requestId, Boolean async) throws SQLException;
}
