"""Each filter makes its place safe, whatever the value."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from byoaws.runbooks import escape

READER = MarkdownIt("commonmark").enable("table")
ATTACKS = [
    "<script>alert(1)</script>",
    "`rm -rf ~`",
    "``` \n# heading",
    "{{7*7}}",
    "{% include '/etc/passwd' %}",
    "a\nb\r\nc\u2028d",
    "$(rm -rf ~)",
    "'; rm -rf ~; '",
    '"; rm -rf ~; "',
    "it's `id` \\",
    "![x](https://evil.example/x.png)",
    "[click](javascript:alert(1))",
    "<https://evil.example>",
    "https://evil.example www.evil.example",
    "a|b\\|c\\",
    "&lt;&#60;",
    "- item",
    "1. item",
    "# heading",
    "> quote",
    "=== ",
    "\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    "*bold* _it_ ~~no~~",
    "",
    " ",
    "@team #1",
]
TEXTS = st.sampled_from(ATTACKS) | st.text(max_size=30) | st.text(alphabet="`|\\'\"$!<>[]()*_\n a", max_size=20)


def words(markdown: str, rule: str = "") -> str:
    """What a reader sees of one paragraph; fails if it is anything but text."""
    (paragraph,) = [token for token in READER.parse(markdown) if token.type == "inline"]
    kinds = {child.type for child in paragraph.children or []}
    assert kinds <= {"text", "text_special", rule or "text"}, (markdown, kinds)
    return "".join(child.content for child in paragraph.children or [])


@given(value=TEXTS)
def test_text_is_read_as_it_was_given(value: str) -> None:
    shown = escape.plain(value)
    assert words(f"Of {escape.text(value)} it is said.") == f"Of {shown} it is said."
    if shown.strip(" "):
        assert words(f"{escape.text(value)}").strip(" ") == shown.strip(" ")


@given(value=TEXTS)
def test_text_makes_no_address_that_a_viewer_would_link(value: str) -> None:
    assert "http://" not in escape.text(f"http://{value}")
    assert "www." not in escape.text(f"www.{value}")


@given(value=TEXTS)
def test_code_is_read_as_it_was_given(value: str) -> None:
    shown = escape.plain(value)
    if shown.strip(" "):
        assert words(f"Say {escape.code(value)} now", "code_inline") == f"Say {shown} now"


@given(value=TEXTS)
def test_a_cell_stays_one_cell(value: str) -> None:
    tokens = READER.parse(f"| a | b |\n| --- | --- |\n| {escape.cell(value)} | end |\n")
    cells = [token for token in tokens if token.type == "inline"][2:]
    assert len(cells) == 2
    assert cells[1].content == "end"
    assert {child.type for child in cells[0].children or []} <= {"code_inline", "text"}


@given(value=TEXTS)
def test_a_word_of_a_shell_stays_one_word(value: str) -> None:
    assert shlex.split(f"echo {escape.sh(value)} end") == ["echo", escape.plain(value), "end"]
    assert "\n" not in escape.sh(value)


@pytest.mark.parametrize("value", ["a'$(id)", "a'`id`", "a'\\", "a'!x", "a'\""])
def test_nothing_that_double_quotes_let_through_stands_in_them(value: str) -> None:
    assert not escape.sh(value).startswith('"')


def test_a_query_is_readable() -> None:
    assert escape.sh("x[?a=='b'].c") == "\"x[?a=='b'].c\""


@given(value=TEXTS, indent=st.sampled_from([0, 3]))
def test_a_fence_is_closed_by_nothing_in_it(value: str, indent: int) -> None:
    lead = "1. x\n\n" if indent else ""
    tokens = READER.parse(f"{lead}{' ' * indent}{escape.fenced(value, 'sh', indent)}\n\n{' ' * indent}after\n")
    fences = [token for token in tokens if token.type == "fence"]
    assert len(fences) == 1
    expected = [escape.plain(line).rstrip() for line in value.split("\n")]
    assert [line.rstrip() for line in fences[0].content.removesuffix("\n").split("\n")] == expected


@given(value=TEXTS)
def test_a_link_leads_where_it_was_told(value: str) -> None:
    inline = [
        token for token in READER.parse(escape.link(f"https://example.org/{value}", value)) if token.type == "inline"
    ]
    opened = [child for child in inline[0].children or [] if child.type == "link_open"]
    assert len(inline) == 1
    assert len(opened) == 1
    assert str(opened[0].attrs["href"]).startswith("https://example.org/")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://example.org", "//example.org", ""])
def test_only_https_is_linked(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        escape.link(url, "x")


@pytest.mark.parametrize("value", ["plain", ""])
def test_a_value_without_a_filter_is_refused(value: str) -> None:
    with pytest.raises(TypeError, match="without a filter"):
        escape.finished(value)


@pytest.mark.parametrize("value", [escape.Markdown("x"), 3])
def test_a_value_with_a_filter_is_let_through(value: object) -> None:
    assert escape.finished(value) is value
