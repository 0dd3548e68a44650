package org.pgnet.server.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.pgnet.server.database.Row;

/** Rows for scripts: a JSON object a line. */
final class JsonOutput {
    private static final JsonFactory JSON = new JsonFactory();

    private JsonOutput() {}

    static void print(List<Row> rows, PrintWriter out) throws IOException {
        for (Row row : rows) {
            out.println(line(row));
        }
        out.flush();
    }

    static String line(Row row) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = JSON.createGenerator(text)) {
            generator.writeStartObject();
            for (Map.Entry<String, Object> column : row.columns().entrySet()) {
                generator.writeFieldName(column.getKey());
                write(generator, column.getValue());
            }
            generator.writeEndObject();
        }
        return text.toString();
    }

    private static void write(JsonGenerator generator, Object value) throws IOException {
        if (value == null) {
            generator.writeNull();
        } else if (value instanceof Boolean flag) {
            generator.writeBoolean(flag);
        } else if (value instanceof Long number) {
            generator.writeNumber(number);
        } else if (value instanceof Double number) {
            generator.writeNumber(number);
        } else {
            generator.writeString(value.toString());
        }
    }
}
