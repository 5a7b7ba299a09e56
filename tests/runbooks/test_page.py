"""The HTML page: whole in itself, with an anchor for each heading, and blind to HTML in its markdown."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from byoaws.model import Connection
from byoaws.runbooks.catalogue import RUNBOOKS
from byoaws.runbooks.page import anchor, html

VOID = {"meta", "br", "hr", "link", "img", "input"}


class Read(HTMLParser):
    """Which elements a page holds, with what, and whether each is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def values(self, attribute: str) -> list[str]:
        return [str(attrs[attribute]) for _, attrs in self.elements if attribute in attrs]


@pytest.mark.parametrize("name", RUNBOOKS)
def test_a_page_is_whole_and_fetches_nothing(
    written: Callable[..., str], connection: Callable[..., Connection], name: str
) -> None:
    page = html(written(name, with_=connection()))
    read = Read(page)
    assert read.open == []
    assert page.startswith("<!doctype html>\n")
    tags = {tag for tag, _ in read.elements}
    assert not tags & {"script", "img", "link", "iframe", "object", "form", "video", "svg", "base"}
    assert not {
        name for _, attrs in read.elements for name in attrs if name.startswith("on") or name in ("src", "style")
    }
    assert not re.search(r"url\(|@import", page)
    assert "default-src 'none'" in page
    assert all(href.startswith(("#", "https://")) for href in read.values("href"))


@pytest.mark.parametrize("name", RUNBOOKS)
def test_contents_and_links_lead_to_headings(written: Callable[..., str], name: str) -> None:
    read = Read(html(written(name)))
    ids = read.values("id")
    assert len(set(ids)) == len(ids)
    inner = [href[1:] for href in read.values("href") if href.startswith("#")]
    assert set(inner) <= set(ids)
    listed = re.findall(r"^## (.+)$", written(name), re.MULTILINE)
    assert [anchor(heading) for heading in listed] == inner[: len(listed)]


@pytest.mark.parametrize(
    "markdown",
    [
        "# <script>alert(1)</script>\n",
        "# x\n\n<script>alert(1)</script>\n",
        "# x\n\na <img src=x onerror=alert(1)> b\n",
        "# x\n\n[a](javascript:alert(1))\n",
        "# x\n\n![a](https://evil.example/pixel.png)\n",
        "# x\n\n## </nav><script>alert(1)</script>\n",
        '# x\n\n[a](https://e.example/"onclick="alert(1))\n',
        "# x\n\n| a |\n| --- |\n| <iframe src=//e.example> |\n",
        "# x\n\n```</pre><script>\ny\n```\n",
    ],
)
def test_html_in_markdown_stays_text(markdown: str) -> None:
    plain = {
        tag for tag, _ in Read(html("# x\n\n## y\n\n| a |\n| --- |\n| b `c` |\n\n```sh\nx\n```\n\n[a](#y)\n")).elements
    }
    read = Read(html(markdown))
    assert {tag for tag, _ in read.elements} <= plain
    assert not {name for _, attrs in read.elements for name in attrs if name.startswith("on")}
    assert not [href for href in read.values("href") if href.startswith("javascript")]


def test_anchors_are_those_of_github() -> None:
    assert anchor("V203 assume-role") == "v203-assume-role"
    assert anchor("Store or its key lost, or leaked") == "store-or-its-key-lost-or-leaked"
    assert anchor("1: DNS, so that no mail is lost") == "1-dns-so-that-no-mail-is-lost"


def test_a_table_can_be_scrolled_by_keyboard() -> None:
    assert '<div class="table" tabindex="0">\n<table>' in html("# x\n\n| a |\n| --- |\n| b |\n")
