package org.pgnet.server.page;

import java.util.Map;

/**
 * What a page shows now.
 *
 * @param template of the page
 * @param model for its templates
 * @param regions the parts that are kept up to date: ids of elements, and the template of each
 */
public record View(String title, String template, Object model, Map<String, String> regions) {
    public View {
        regions = Map.copyOf(regions);
    }
}
