"""How Sphinx makes the pages. Started by book/build.py, which gathers the sources; the pages' own parts are in extension.py."""
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

PROJECT = tomllib.loads((HERE.parent/"pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "Backpropagation, derived"
author = PROJECT["authors"][0]["name"]
copyright = author
release = version = PROJECT["version"]
language = "en"
locale_dirs = [str(HERE/"locale")]
gettext_compact = False
gettext_additional_targets = ["image"]

extensions = ["myst_nb", "extension"]
templates_path = ["_templates"]
nb_execution_mode = "off"
nb_render_markdown_format = "myst"          # an exercise is an output, in Markdown with formulas
myst_enable_extensions = ["dollarmath", "attrs_inline"]
myst_heading_anchors = 3
math_eqref_format = "equation {number}"

html_context = {"default_mode": "auto"}
html_theme = "sphinx_book_theme"
html_title = project
html_static_path = ["_static"]
html_css_files = ["book.css"]
html_js_files = [("book.js", {"defer": "defer"})]
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
html_scaled_image_link = False
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "use_sidenotes": True,
    "navbar_persistent": [],
    "home_page_in_toc": True,
    "search_bar_text": "Search the book",
    "article_header_end": ["run.html", "article-header-buttons.html"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}

# MathJax 3, served by the site; it leaves MathML beside every formula for screen readers.
mathjax_path = "mathjax/tex-chtml.js"
mathjax3_config = {"options": {"enableMenu": False}, "chtml": {"matchFontHeight": False}}

epub_title = project
epub_show_urls = "no"
epub_exclude_files = ["search.html"]
