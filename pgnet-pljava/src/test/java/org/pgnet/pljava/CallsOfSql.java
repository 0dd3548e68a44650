package org.pgnet.pljava;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.pgnet.testkit.session.Session;

/** Calls them in SQL, whatever language their bodies are in. */
record CallsOfSql(Session session) implements Calls {
    CallsOfSql(Connection connection) {
        this(Session.of(connection));
    }

    @Override
    public long request(String signature, List<Object> arguments) throws SQLException {
        String types = signature.substring(signature.indexOf('(') + 1, signature.length() - 1);
        String name = signature.substring(0, signature.indexOf('('));
        String call = "SELECT net." + name + "(?::" + types.replace(", ", ", ?::") + ")";
        return session.send(call, arguments.toArray());
    }

    @Override
    public String collect(Long requestId, Boolean async) throws SQLException {
        return session.text(
                "SELECT concat_ws('|', status, message, (response).status_code, (response).headers,"
                        + " coalesce((response).body, CASE WHEN response::text IS NOT NULL THEN 'null' END))"
                        + " FROM net.http_collect_response(?::bigint, ?::boolean)",
                requestId,
                async);
    }
}
