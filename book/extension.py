"""What the book's pages have and Sphinx does not: words for every picture, figures that answer, a link that runs the chapter.

A figure that answers becomes

    <figure class="explore" data-explore="NAME"><img alt="..."><script type="application/json">DATA</script></figure>

and explore-figures.js, loaded on pages that have one, lets the package's own module draw it where the picture stands. Without
script, or in a book that is no page, the picture remains. So does the sentence in the place of a picture, which says how an
exercise is answered. On the page of a chapter run-cells.js puts a button below every cell.
"""
import json
import re
import shutil
import subprocess
from pathlib import Path

import myst_nb.sphinx_
from docutils import nodes
from myst_nb.core.render import NbElementRenderer
from sphinx.builders.epub3 import Epub3Builder
from sphinx.util.docutils import SphinxDirective, is_directive_registered

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
MATHJAX = HERE/"node_modules"/"mathjax"/"es5"
LIVE = ROOT/"backprop_sym"/"teach"/"static"          # the configuration `explore_modules` can name another folder
EPUB_STYLES = {"epub.css", "pygments.css"}
PAGE_IN_EPUB = re.compile(r'<item id="epub-\d+" href="([^"]*\.xhtml)"')
# A label that hides from those who cannot see which words stand in it.
FOLDED = '<summary aria-label="Toggle hidden content">'
# What its label says, of which a style of the web hides one; a paragraph cannot stand in it.
SHOWN_OR_HIDDEN = re.compile(r'<p class="(collapsed|expanded) admonition-title">(.*?)</p>\s*')
# The corner of a table names nothing, and is no header.
EMPTY_HEADER = re.compile(r"<th\b([^>]*)>(<p></p>)?</th>")


class explore(nodes.General, nodes.Element):  # noqa: N801  (docutils names nodes so)
    """A figure that answers: ``name`` and ``data``; its child is the picture, or a sentence."""


def open_explore(self, node):
    """A page's figure begins; whatever is no page has the picture alone."""
    if self.builder.name == "html":
        self.body.append(self.starttag(node, "figure", CLASS="explore", **{"data-explore": node["name"]}))


def close_explore(self, node):
    """The figure ends with its data, in which no text can end the script before its end."""
    if self.builder.name == "html":
        data = json.dumps(node["data"], separators=(",", ":")).replace("<", "\\u003c")
        self.body.append(f'<script type="application/json">{data}</script></figure>\n')


class Renderer(NbElementRenderer):
    """myst-nb's own renderer, which forgets what a picture says in words."""

    def render_image(self, data):
        """The picture with its alternative text; in the frame of a figure that answers, where it is one."""
        images = super().render_image(data)
        about = data.output_metadata.get(data.mime_type, {})
        for image in images:
            image["alt"] = about.get("alt", "")
        return framed(images, about)

    def render_markdown(self, data):
        """A text; in the frame of a figure that answers, where it is one."""
        return framed(super().render_markdown(data), data.output_metadata.get(data.mime_type, {}))


def framed(made, about):
    """What was rendered, in the frame of a figure that answers where its metadata hold one."""
    live = about.get("explore")
    return [explore("", *made, **live)] if live and live["data"] is not None else made


def about_page(app, pagename, templatename, context, doctree):
    """What the templates need to know of a page: where its chapter runs, and whether it has figures that answer."""
    folder, _, chapter = pagename.partition("/")
    if folder == "notebooks" and Path(app.env.doc2path(pagename)).suffix == ".ipynb":
        context["run_link"] = f"{context['pathto']('lite/lab/index.html', 1)}?path={chapter}.ipynb"
        app.add_js_file("run-cells.js", type="module")
    if doctree is not None and next(doctree.findall(explore), None) is not None:
        app.add_js_file("explore-figures.js", type="module")
    if "body" in context:
        context["body"] = EMPTY_HEADER.sub(r"<td\1>\2</td>", context["body"]).replace(FOLDED, "<summary>")


def without_script(app, pagename, templatename, context, doctree):
    """A book that is no page runs no script, and has none; of styles its own, and over a folded cell one line of text."""
    if app.builder.name != "html":
        if "body" in context:
            context["body"] = SHOWN_OR_HIDDEN.sub(lambda line: line[2]*(line[1] == "collapsed"), context["body"])
        context["script_files"].clear()
        context["css_files"][:] = [style for style in context["css_files"] if Path(str(style.filename)).name in EPUB_STYLES]


def as_mathml(app, doctree, docname):
    """In a book that is no page, where no script runs: every formula as MathML."""
    if app.builder.name != "epub":
        return
    formulas = [*doctree.findall(nodes.math), *doctree.findall(nodes.math_block)]
    sent = json.dumps([(formula.astext(), isinstance(formula, nodes.math_block)) for formula in formulas])
    done = subprocess.run(["node", HERE/"mathml.cjs"], input=sent, capture_output=True, check=True, text=True, encoding="utf-8")
    for formula, mathml in zip(formulas, json.loads(done.stdout), strict=True):
        if formula.get("number"):
            mathml = f'<div id="{formula["ids"][0]}">({formula["number"]}) {mathml}</div>'
        formula.replace_self(nodes.raw("", mathml, format="html"))


class Epub(Epub3Builder):
    """The book in one file, as its standard wants it: it says which pages hold MathML, and has no style of the web."""

    def build_content(self):
        """Make the list of what is in the file."""
        for path in (Path(self.outdir)/"_static").rglob("*"):
            if path.suffix in (".css", ".js") and path.name not in EPUB_STYLES:
                path.unlink()
        super().build_content()
        listing = Path(self.outdir)/"content.opf"
        listing.write_text(PAGE_IN_EPUB.sub(self.declared, listing.read_text(encoding="utf-8")), encoding="utf-8")

    def declared(self, item):
        """The entry of a page, with what its reader must know."""
        holds = "<math" in (Path(self.outdir)/item[1]).read_text(encoding="utf-8")
        return item[0] + ' properties="mathml"' if holds else item[0]


def copy_scripts(app, error):
    """MathJax, as far as it is used, and the module that draws figures that answer: served by the site itself."""
    if error or app.builder.name != "html":
        return
    static = Path(app.outdir)/"_static"
    shutil.copytree(MATHJAX/"output"/"chtml", static/"mathjax"/"output"/"chtml", dirs_exist_ok=True)
    shutil.copytree(MATHJAX/"input"/"tex"/"extensions", static/"mathjax"/"input"/"tex"/"extensions", dirs_exist_ok=True)
    shutil.copy(MATHJAX/"tex-chtml.js", static/"mathjax")
    for path in Path(app.config.explore_modules).glob("explore.*"):
        shutil.copy(path, static)
    for path in {*static.glob("scripts/fontawesome*"), *static.glob("**/*.js.map")}:          # layout.html loads none of it
        path.unlink()


class Aside(SphinxDirective):
    """A note where a page has no margin: a quotation, as in the notebook."""

    has_content = True

    def run(self):
        """The nodes that it stands for."""
        quotation = nodes.block_quote()
        self.state.nested_parse(self.content, self.content_offset, quotation)
        return [quotation]


def asides(app):
    """Notes in the margin come with the theme of the site; a book in one file and its translations have another, or none."""
    if not is_directive_registered("margin"):
        app.add_directive("margin", Aside)


def setup(app):
    """Called by Sphinx."""
    app.add_builder(Epub, override=True)
    app.add_node(explore, html=(open_explore, close_explore))
    # myst-nb finds a renderer only among installed packages, and the book is none.
    myst_nb.sphinx_.load_renderer = lambda name: Renderer
    app.add_config_value("explore_modules", str(LIVE), "html", str)
    app.connect("builder-inited", asides, priority=900)
    app.connect("html-page-context", about_page)
    app.connect("html-page-context", without_script, priority=900)          # after whatever puts scripts into pages
    app.connect("doctree-resolved", as_mathml)
    app.connect("build-finished", copy_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
