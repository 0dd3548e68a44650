"""What make site goes by: Sphinx with the pages in Markdown."""

project = "pg_net"
copyright = "the pg_net contributors"
extensions = ["myst_parser"]
root_doc = "index"
html_theme = "furo"
html_title = "pg_net"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
# Links to the headings of pages, as a reader of the repository follows them.
myst_heading_anchors = 4
# A block of psql's commands is no SQL.
suppress_warnings = ["misc.highlighting_failure"]
