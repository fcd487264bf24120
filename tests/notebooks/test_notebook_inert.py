"""A student's Markdown does nothing in formgrader's page, and stays readable there."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notebooks.markdown_attacks import ATTACKS, TEX
from notebooks.notebook_samples import COURSE, source

from autograder.gradebook import inert
from autograder.gradebook.answers import HEADING, fill_in
from autograder.gradebook.inert import rendered
from autograder.submission.notebook_file import parse
from course.notebooks import read

pytestmark = pytest.mark.xdist_group("nbgrader")  # imported once

PLAIN = {"p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li"}
PLAIN |= {"h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}
FRAMES = {"div": "tex2jax_ignore mathjax_ignore", "span": "tex2jax_process mathjax_process"}
VOID = {"br", "hr", "input", "link", "meta", "img"}
REACHING = ("href", "url", "style", "class", "cssId", "require", "toggle", "def", "newcommand")
REACHING += ("unicode", "includegraphics", "bbox", "label", "ref", "eqref")


class Rendered(HTMLParser):
    """A page's elements: those in students' cells, cell by cell, and all others."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.cells: list[list[tuple[str, dict[str, str | None]]]] = []
        self.texts: list[str] = []  # of the cells
        self.formulas: list[str] = []  # what MathJax is given of each cell
        self.others: list[str] = []
        self.open: list[str] = []  # within the cell, from its frame
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if not self.open and found.get("class") != FRAMES["div"]:
            self.others.append(tag)
            return
        if not self.open:
            self.cells.append([])
            self.texts.append("")
            self.formulas.append("")
        self.cells[-1].append((tag, found))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts[-1] += data
            self.formulas[-1] += data if "span" in self.open else ""


def in_formgrader(texts: list[str]) -> Rendered:
    """A page as formgrader makes it, with these texts as cells that a student added."""
    from nbconvert.exporters import HTMLExporter
    from nbformat import reads
    from nbgrader.server_extensions.formgrader import handlers
    from traitlets.config import Config

    own = source(1, "assignments")
    own["cells"] += [{"cell_type": "markdown", "source": text, "metadata": {}} for text in texts]
    released = read(COURSE.assignments / "week_1" / "exercise.ipynb", COURSE)
    content = fill_in(released, parse(json.dumps(own).encode())).content.decode()
    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    resources: Any = {"base_url": "", "index": 0, "total": 1, "notebook_id": "exercise"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of nbconvert, traitlets and the templates
        notebook: Any = reads(content, as_version=4)
        html, _ = HTMLExporter(config=config).from_notebook_node(notebook, resources=resources)
    assert HEADING.removeprefix("## ") in html
    return Rendered(html)


@pytest.fixture(scope="module")
def page() -> Rendered:
    return in_formgrader(ATTACKS)


@pytest.mark.parametrize("number", range(len(ATTACKS)))
def test_markdown_has_only_plain_elements_in_formgrader(page: Rendered, number: int) -> None:
    frame, *elements = page.cells[number]

    assert frame == ("div", {"class": FRAMES["div"]})
    for tag, attributes in elements:
        if tag == "span":
            assert attributes == {"class": FRAMES["span"]}
        else:
            assert tag in PLAIN
            assert not attributes


def test_rest_of_the_page_is_what_it_is_with_harmless_answers(page: Rendered) -> None:
    harmless = in_formgrader([f"answer {number}" for number in range(len(ATTACKS))])

    assert len(page.cells) == len(harmless.cells) == len(ATTACKS)
    assert page.others == harmless.others


@pytest.mark.parametrize("number", range(len(TEX)))
def test_mathjax_gets_no_command_that_does_more_than_draw(page: Rendered, number: int) -> None:
    formulas = page.formulas[len(ATTACKS) - len(TEX) + number]

    assert not any(f"\\{name}" in formulas for name in REACHING)


PIECES = [
    "\n",
    "\n\n",
    "\r",
    "&#13;",
    "&NewLine;",
    "\u2028",
    "\t",
    "    ",
    "$",
    "$$",
    "\\",
    "\\\\[",
]
PIECES += [
    "\\begin{a}",
    "\\end{a}",
    "> ",
    "- ",
    "1. ",
    "`",
    "```",
    "~~",
    "*",
    "_",
    "[a]",
    "(b)",
    ": ",
]
PIECES += [
    "![",
    "|",
    "|-|-|\n",
    "# ",
    "===",
    "---",
    "<",
    "<b>",
    "</div>",
    "</pre>",
    "<!--",
    "x",
    "&",
]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_nbconvert_hands_on_what_it_gets(text: str) -> None:
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    html = rendered(text)

    assert markdown2html_mistune(html).rstrip("\n") == html
    assert {tag for tag, _ in Rendered(html).cells[0]} <= {*PLAIN, *FRAMES}


@pytest.mark.parametrize(
    "text",
    [
        "a < b > c & d &amp; \"e\" 'f'",
        "[a](javascript:alert(1)) ![b](c) <http://example.org>",
        "<script>alert(1)</script>",
        r"$\href{a}{b}$",
        "[a]: http://example.org 'title'",
    ],
)
def test_all_of_a_text_can_be_read(text: str) -> None:
    assert Rendered(rendered(text)).texts == [text.replace("&amp;", "&")]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\n\ntwo", "<p>one</p>&#10;<p>two</p>"),
        ("*a* **b** ~~c~~", "<p><em>a</em> <strong>b</strong> <s>c</s></p>"),
        ("`x_1 < y_2`", "<p><code>x_1 &lt; y_2</code></p>"),
        ("```python\na\n\nb < c\n```", "<pre><code>a&#10;&#10;b &lt; c&#10;</code></pre>"),
        ("- a\n- b", "<ul>&#10;<li>a</li>&#10;<li>b</li>&#10;</ul>"),
        ("3. a", '<ol start="3">&#10;<li>a</li>&#10;</ol>'),
        ("> a", "<blockquote>&#10;<p>a</p>&#10;</blockquote>"),
        ("# a\n\nb\n===", "<h1>a</h1>&#10;<h1>b</h1>"),
        (r"costs \$5", "<p>costs $5</p>"),
    ],
)
def test_markdown_is_still_markdown(text: str, html: str) -> None:
    assert inert.FRAME.format(html) == rendered(text).replace("&#10;</div>", "</div>")


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("$x^2$", "$x^2$"),
        ("so $a_1 < b_1$ and $c*d*e$", "$a_1 < b_1$$c*d*e$"),
        (r"$\frac{a}{b} \le \$5$", r"$\frac{a}{b} \le \$5$"),
        ("text\n$$\na\n- b \\\\\n+ c\n$$\ntext", "$$\na\n- b \\\\\n+ c\n$$"),
        ("> - $$a$$\n>   $$b$$ c", "$$a$$$$b$$"),
        (
            "\\begin{align*}\na &= b \\\\\n- c\n\\end{align*}",
            "\\begin{align*}\na &= b \\\\\n- c\n\\end{align*}",
        ),
        (r"$\href{a}{b}$ `$x$` \$y\$ &dollar;z&dollar;", ""),
        ("$", ""),
        ("$$$$", ""),
        ("    $$a$$", ""),
    ],
)
def test_formulas_reach_mathjax(text: str, formulas: str) -> None:
    assert [formulas] == Rendered(rendered(text)).formulas


@pytest.mark.parametrize(
    "text", [">" * 5000, "> - " * 2000 + "a", "- " * 30 + "a", "<" * 9 + "[" * 9]
)
def test_deep_nesting_loses_nothing(text: str) -> None:
    assert Rendered(rendered(text)).texts == [text]


def test_lists_may_be_as_deep_as_people_make_them() -> None:
    assert "<ul>" * 10 in rendered("- " * 10 + "a").replace("&#10;", "").replace("<li>", "")


def test_long_answers_are_shown_as_typed_and_others_rendered() -> None:
    page = inert.Page()

    assert "<em>" in page.show("*a*")
    assert "*a*" in page.show("*a* " * inert.MAX_RENDERED)
    assert "<em>" not in page.show("*a*")


def test_a_small_table_that_becomes_a_large_one_uses_the_page_up() -> None:
    page = inert.Page()
    page.show("|a" * 250 + "\n" + "|-" * 250 + "\n" + "a\n" * 200)

    assert page.left < 0


def test_a_text_that_the_parser_fails_on_is_shown_as_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(text: str) -> None:
        raise IndexError

    monkeypatch.setattr(inert.PARSER, "parse", fail)

    assert rendered("*<a>*") == inert.FRAME.format("<pre>*&lt;a&gt;*</pre>")
