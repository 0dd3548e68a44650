package org.pgnet.server.site;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import java.util.HashMap;
import java.util.Map;
import org.pgnet.server.page.View;

/** The templates, which were compiled with the program. All that they print is escaped for the place where it stands. */
final class Templates {
    private final TemplateEngine engine = TemplateEngine.createPrecompiled(
            null, ContentType.Html, Templates.class.getClassLoader(), "org.pgnet.server.template");

    /** A whole page. */
    String page(Frame frame, View view) {
        return page(frame, view.template(), view.model());
    }

    String page(Frame frame, String template, Object model) {
        return part(template, Map.of("frame", frame, "model", model));
    }

    /** The parts of a page that change: element ids and what is in them. */
    Map<String, String> regions(View view) {
        Map<String, String> regions = new HashMap<>();
        view.regions().forEach((id, template) -> regions.put(id, part(template, Map.of("model", view.model()))));
        return regions;
    }

    /** What is above a page while the database does not answer. */
    String problem(Problem problem) {
        return part("part/problem.jte", Map.of("problem", problem));
    }

    String part(String template, Map<String, Object> parameters) {
        StringOutput output = new StringOutput();
        engine.render(template, parameters, output);
        return output.toString();
    }
}
