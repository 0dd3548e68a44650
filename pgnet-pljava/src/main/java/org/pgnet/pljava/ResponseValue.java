package org.pgnet.pljava;

import java.sql.SQLData;
import java.sql.SQLException;
import java.sql.SQLInput;
import java.sql.SQLOutput;
import java.util.Optional;

/**
 * A value of the type {@code net.http_response}. PL/Java writes a composite value within another through such a class
 * alone; the deployment descriptor maps the type to it. One thread.
 */
public final class ResponseValue implements SQLData {
    private Collected.Response response;

    /** For PL/Java, which then calls {@link #readSQL}. */
    public ResponseValue() {
        this(new Collected.Response(0, Optional.empty(), Optional.empty()));
    }

    ResponseValue(Collected.Response response) {
        this.response = response;
    }

    /** The response. */
    public Collected.Response response() {
        return response;
    }

    @Override
    public String getSQLTypeName() {
        return "net.http_response";
    }

    @Override
    public void readSQL(SQLInput in, String typeName) throws SQLException {
        response = new Collected.Response(
                in.readInt(), Optional.ofNullable(in.readString()), Optional.ofNullable(in.readString()));
    }

    @Override
    public void writeSQL(SQLOutput out) throws SQLException {
        if (response.status() == 0) {
            out.writeString(null);
        } else {
            out.writeInt(response.status());
        }
        out.writeString(response.headersJson().orElse(null));
        out.writeString(response.body().orElse(null));
    }
}
