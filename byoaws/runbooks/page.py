"""A runbook as one self-contained HTML page: no script, nothing fetched from anywhere."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.token import Token

from byoaws.runbooks.escape import Markdown


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """One line of the table of contents."""

    anchor: str
    text: str


def html(markdown: str) -> str:
    """Return the page for a runbook's markdown; HTML in it stays text, and images are not loaded."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["html_block", "html_inline", "image"])
    tokens = reader.parse(markdown)
    headings = _anchored(tokens)
    title, contents = headings["h1"], headings["h2"]
    body = reader.renderer.render(_scrolling(tokens), reader.options, {})
    page = Environment(
        loader=PackageLoader("byoaws.runbooks", "pages"), undefined=StrictUndefined, autoescape=True
    ).get_template("page.html.j2")
    return page.render(
        title=title[0].text if title else "Runbook",
        contents=contents,
        # The reader escaped all that is text.
        body=Markdown(body),
    )


def anchor(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _anchored(tokens: Sequence[Token]) -> dict[str, list[Heading]]:
    """Give every heading its anchor, and list them by level."""
    found: dict[str, list[Heading]] = {"h1": [], "h2": []}
    for opening, inline in itertools.pairwise(tokens):
        if opening.type == "heading_open":
            words = "".join(child.content for child in inline.children or ())
            opening.attrSet("id", anchor(words))
            found.setdefault(opening.tag, []).append(Heading(anchor=anchor(words), text=words))
    return found


def _scrolling(tokens: Sequence[Token]) -> list[Token]:
    """Put each table in a box of its own, which scrolls on a narrow screen."""
    boxed: list[Token] = []
    for token in tokens:
        if token.type == "table_open":
            box = Token("box_open", "div", 1, block=True)
            box.attrSet("class", "table")
            # Reachable by keyboard, since only what has the focus can be scrolled.
            box.attrSet("tabindex", "0")
            boxed.append(box)
        boxed.append(token)
        if token.type == "table_close":
            boxed.append(Token("box_close", "div", -1, block=True))
    return boxed
