import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Writes PL/Java's deployment descriptor out of the extension's install script, so that the signatures, and the bodies
 * that come back when the jar is removed, are written once: {@code java DeploymentDescriptor.java SCRIPT DESCRIPTOR}.
 *
 * <p>CREATE OR REPLACE keeps a function's owner, grants, comment and membership in the extension.
 */
final class DeploymentDescriptor {
    private static final String CLASS = "org.pgnet.pljava.SqlFunctions.";

    /** The name by which sqlj.install_jar must know the jar. */
    private static final String JAR = "pgnet";

    /** What stands for the library in the scripts of the extension, and what it is there. */
    private static final String MODULE = "MODULE_PATHNAME";

    private static final String LIBRARY = "$libdir/pg_net";

    /** Those that pg_net had. net.request stays as it is: what it does beyond them is not worth writing twice. */
    private static final Pattern FUNCTION = Pattern.compile(
            "create function net\\.(http_\\w+)\\((.*?)\\) returns (\\S+)\\s+language (c|plpgsql) (.*?)\\s+"
                    + "as (\\$\\$.*?\\$\\$|'" + MODULE + "', '\\w+');",
            Pattern.DOTALL);

    private static final Pattern PARAMETER = Pattern.compile("\\s*(\\w+) (\\w+)( default .*)?", Pattern.DOTALL);

    private static final Map<String, String> JAVA_TYPES = Map.of(
            "text", "java.lang.String",
            "jsonb", "java.lang.String",
            "integer", "java.lang.Integer",
            "bigint", "java.lang.Long",
            "boolean", "java.lang.Boolean");

    /** PL/Java looks a class up with the caller's own privileges, and CREATE EXTENSION pljava grants none. */
    private static final String WARNING = """
            do 'begin
                if not pg_catalog.has_schema_privilege(''public'', ''sqlj'', ''USAGE'') then
                    raise warning using
                        message = ''roles without USAGE on schema sqlj cannot call the functions any more'',
                        hint = ''GRANT USAGE ON SCHEMA sqlj TO the roles that make requests, or to PUBLIC.'';
                end if;
            end';
            """;

    private DeploymentDescriptor() {}

    record Parameter(String name, String type, String defaultClause) {
        /** With the type's schema, where the name is not a keyword: the path of whoever installs may hold another. */
        String declaration() {
            String schema = List.of("text", "jsonb").contains(type) ? "pg_catalog." : "";
            return name + " " + schema + type + defaultClause;
        }
    }

    record Function(
            String name,
            List<Parameter> parameters,
            String result,
            String language,
            String attributes,
            String definition) {

        String inJava() {
            return replace("java", quoted(target()));
        }

        /** As the install script has it. */
        String original() {
            return replace(
                    language,
                    language.equals("c")
                            ? definition.replace(MODULE, LIBRARY)
                            : quoted(definition.substring(2, definition.length() - 2)));
        }

        private String replace(String language, String definition) {
            String list = parameters.stream().map(Parameter::declaration).collect(Collectors.joining(", "));
            return "create or replace function net." + name + "(" + list + ") returns " + result + " language "
                    + language + " " + attributes + " as " + definition + ";\n";
        }

        /** The reader of descriptors knows no dollar quotes, and takes a backslash for an escape. */
        private String quoted(String source) {
            if (source.indexOf('\\') >= 0) {
                throw new IllegalArgumentException("a backslash in the body of " + name);
            }
            return "'" + source.replace("'", "''") + "'";
        }

        /** The Java method in PL/Java's notation; a composite result is a row that the method gets to write. */
        private String target() {
            List<String> types =
                    parameters.stream().map(p -> JAVA_TYPES.get(p.type())).collect(Collectors.toList());
            boolean composite = !JAVA_TYPES.containsKey(result);
            if (composite) {
                types.add("java.sql.ResultSet");
            }
            return (composite ? "" : "long=") + CLASS + method() + "(" + String.join(",", types) + ")";
        }

        private String method() {
            StringBuilder method = new StringBuilder();
            for (String word : name.split("_")) {
                method.append(method.isEmpty() ? word : capital(word));
            }
            return method.toString();
        }

        private static String capital(String word) {
            return word.substring(0, 1).toUpperCase() + word.substring(1);
        }
    }

    public static void main(String[] arguments) throws IOException {
        List<Function> functions = functions(Files.readString(Path.of(arguments[0])));
        if (functions.size() != 4) {
            throw new IllegalArgumentException(functions.size() + " functions, not 4, in " + arguments[0]);
        }
        Path descriptor = Path.of(arguments[1]);
        Files.createDirectories(descriptor.getParent());
        Files.writeString(descriptor, descriptor(functions));
    }

    private static List<Function> functions(String script) {
        List<Function> functions = new ArrayList<>();
        Matcher function = FUNCTION.matcher(script);
        while (function.find()) {
            functions.add(new Function(
                    function.group(1),
                    parameters(function.group(2)),
                    function.group(3),
                    function.group(4),
                    function.group(5),
                    function.group(6)));
        }
        return functions;
    }

    private static List<Parameter> parameters(String list) {
        List<Parameter> parameters = new ArrayList<>();
        for (String text : list.strip().split(",\\n")) {
            Matcher parameter = PARAMETER.matcher(text);
            if (!parameter.matches()) {
                throw new IllegalArgumentException("not a parameter: " + text);
            }
            String defaultClause = parameter.group(3) == null ? "" : parameter.group(3);
            parameters.add(new Parameter(parameter.group(1), parameter.group(2), defaultClause));
        }
        return parameters;
    }

    private static String descriptor(List<Function> functions) {
        StringBuilder text = new StringBuilder("SQLActions[] = {\n\"BEGIN INSTALL\n");
        text.append("select sqlj.set_classpath('net', '" + JAR + "');\n");
        text.append("select sqlj.add_type_mapping('net.http_response', 'org.pgnet.pljava.ResponseValue');\n");
        functions.forEach(function -> text.append(function.inJava()));
        text.append(WARNING);
        text.append("END INSTALL\",\n\"BEGIN REMOVE\n");
        functions.forEach(function -> text.append(function.original()));
        text.append("select sqlj.drop_type_mapping('net.http_response');\n");
        return text.append("END REMOVE\"\n}\n").toString();
    }
}
