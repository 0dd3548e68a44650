package org.pgnet.pljava;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLOutput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** Calls the Java methods that the descriptor names, as PL/Java would, over a connection of pgjdbc. */
record CallsOfJava(Connection connection) implements Calls {

    @Override
    public long request(String signature, List<Object> arguments) throws SQLException {
        return (Long) call(signature, arguments);
    }

    @Override
    public String collect(Long requestId, Boolean async) throws SQLException {
        Object[] row = new Object[3];
        Object hasRow = call("http_collect_response(bigint, boolean)", Arrays.asList(requestId, async, writer(row)));
        if (!Boolean.TRUE.equals(hasRow)) {
            throw new AssertionError("no row");
        }
        List<Object> values = new ArrayList<>(Arrays.asList(row[0], row[1]));
        if (row[2] instanceof ResponseValue response) {
            List<Object> written = new ArrayList<>();
            response.writeSQL(output(written));
            if (written.size() != 3) {
                throw new AssertionError("net.http_response has three columns, written are " + written.size());
            }
            values.addAll(written.subList(0, 2));
            values.add(Objects.requireNonNullElse(written.get(2), "null"));
        }
        return values.stream().filter(Objects::nonNull).map(Object::toString).collect(Collectors.joining("|"));
    }

    private Object call(String signature, List<Object> arguments) throws SQLException {
        Descriptor.Deployed function = Descriptor.functions().stream()
                .filter(candidate -> candidate.signature().equals(signature))
                .findFirst()
                .orElseThrow();
        DefaultConnection.lend(connection);
        try {
            return DescriptorTest.method(function).invoke(null, arguments.toArray());
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof SQLException refusal) {
                throw refusal;
            }
            throw new AssertionError(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    /** A row to write, of which only the columns are kept. */
    private static ResultSet writer(Object[] row) {
        return (ResultSet) Proxy.newProxyInstance(
                CallsOfJava.class.getClassLoader(), new Class<?>[] {ResultSet.class}, (proxy, method, arguments) -> {
                    if (!method.getName().startsWith("update")) {
                        throw new AssertionError("a row to write has no " + method.getName());
                    }
                    row[(Integer) arguments[0] - 1] = arguments[1];
                    return null;
                });
    }

    private static SQLOutput output(List<Object> written) {
        return (SQLOutput) Proxy.newProxyInstance(
                CallsOfJava.class.getClassLoader(), new Class<?>[] {SQLOutput.class}, (proxy, method, arguments) -> {
                    written.add(arguments[0]);
                    return null;
                });
    }
}
