"""A student's Markdown as HTML that does nothing: for a browser in which somebody grades.

markdown-it parses it with the rules that are named here. There is none for HTML, links, pictures,
definitions and addresses, so those stay what they look like: text. What comes out are elements
without attributes and escaped text, on one line. Such a line is one HTML block, which nbconvert
(and JupyterLab) hand on as it is: what is in it isn't parsed as Markdown a second time.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token

from autograder.gradebook import formulas

RULES = [
    "blockquote", "code", "fence", "heading", "hr", "lheading", "list", "table",
    "backticks", "emphasis", "entity", "escape", "newline", "strikethrough",
]  # fmt: skip
MAX_LEVEL = 40  # of lists and quotes in each other; a list in a list is two further down

MAX_RENDERED = 50_000  # characters of a page: a text that is made to take long takes a second

# MathJax leaves the text of these alone, but for the formulas that say otherwise.
FRAME = '<div class="tex2jax_ignore mathjax_ignore">{}</div>'


def parser() -> MarkdownIt:
    markdown = MarkdownIt("zero", {"html": False, "maxNesting": MAX_LEVEL}).enable(RULES)
    formulas.enable(markdown)
    return markdown


PARSER = parser()


@dataclass
class Page:
    """What a student wrote in one notebook. A text that is too much for it is shown as typed."""

    left: int = MAX_RENDERED

    def show(self, text: str) -> str:
        html = rendered(text) if len(text) <= self.left else source(text)
        self.left -= len(html)  # which a table of empty cells makes far longer than its text
        return html


def rendered(text: str) -> str:
    """The Markdown `text` as one line of HTML; its source, if it can't be shown in full."""
    try:
        tokens = PARSER.parse(text)
    except Exception:  # whatever a text makes the parser do, the others are still to be entered
        return source(text)
    if any(token.level >= MAX_LEVEL - 1 for token in tokens):  # where the parser stops reading
        return source(text)
    return framed(PARSER.renderer.render(without_attributes(tokens), PARSER.options, {}))


def without_attributes(tokens: list[Token]) -> list[Token]:
    """The tokens without a fence's language and a table's alignment; lists keep their number."""
    for token in tokens:
        token.info = ""
        token.attrs = {name: value for name, value in token.attrs.items() if name == "start"}
    return tokens


def source(text: str) -> str:
    """A text as it was typed, as one line of HTML."""
    return framed(f"<pre>{escape(text)}</pre>")


def framed(html: str) -> str:
    """HTML on one line: a blank one would end the block, and Markdown would begin."""
    return FRAME.format("&#10;".join(html.splitlines()))
