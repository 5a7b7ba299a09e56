"""Values into markdown: each filter makes one place safe, and says by its type that it did.

Values come from customers (an alias), from AWS (a message) and from vendor files. None may become a link, an image,
HTML, another line of a shell command or a template of ours.
"""

import json
import re
import shlex
from typing import Any
from urllib.parse import quote

_ACTIVE = re.compile(r"([\\`*_\[\]<>&|~#!{}$@])|(?<=[a-zA-Z])(://)|\b(www)\.", re.IGNORECASE)
_BEGIN = re.compile(r"^(\d{1,9})([.)])(?=\s|$)|^([-+=:])")
_URL = ":/?#[]@!$&'*+,=%~-._"


class Markdown(str):
    """Text that may stand in a runbook, or in its page, as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        """Tells Jinja2 to leave it alone."""
        return self


def plain(value: object) -> str:
    """One line of printable text: line ends, terminal codes, reversed text and the like show as U+FFFD."""
    return "".join(char if char.isprintable() else "\ufffd" for char in str(value))


def text(value: object) -> Markdown:
    """For prose. Nothing in it is markdown, HTML, or an address that a viewer would make a link of."""

    def escaped(match: re.Match[str]) -> str:
        if match[2]:
            return "\\://"
        return f"{match[3]}\\." if match[3] else f"\\{match[1]}"

    inactive = _ACTIVE.sub(escaped, plain(value))
    return Markdown(_BEGIN.sub(lambda match: f"{match[1]}\\{match[2]}" if match[1] else f"\\{match[3]}", inactive))


def spans(value: object) -> Markdown:
    """For prose of our own, in which backticks enclose code."""
    parts = plain(value).split("`")
    return Markdown("".join(code(part) if number % 2 else text(part) for number, part in enumerate(parts)))


def code(value: object) -> Markdown:
    """For a code span, with as many backticks around it as it needs."""
    inner = plain(value)
    ticks = "`" * (max((len(run) for run in re.findall("`+", inner)), default=0) + 1)
    # A span's own backticks must not touch the fence; one space on each side is taken off again by the reader.
    space = " " if inner[:1] in ("`", " ", "") or inner[-1:] in ("`", " ") else ""
    return Markdown(f"{ticks}{space}{inner}{space}{ticks}")


def cell(value: object) -> Markdown:
    """For a code span inside a table, where a bar would end the cell."""
    # A backslash before a bar: "\|" would read as the bar alone, so it is said twice.
    return Markdown(re.sub(r"(\\*)\|", lambda match: f"{match[1]}\\|", code(value)))


def sh(value: object) -> Markdown:
    """For a word of a POSIX shell command."""
    word = plain(value)
    # JMESPath is full of single quotes; between double ones, nothing but these is special.
    in_double = "'" in word and not set(word) & set('"$`\\!')
    return Markdown(f'"{word}"' if in_double else shlex.quote(word))


def fenced(value: str, language: str, indent: int = 0) -> Markdown:
    """A whole code block, of text that has line ends of its own."""
    lines = [plain(line) for line in value.split("\n")]
    ticks = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", value) or [""]))
    return Markdown(
        "\n".join(f"{' ' * indent}{line}".rstrip() for line in (f"{ticks}{language}", *lines, ticks)).lstrip()
    )


def link(url: str, label: str) -> Markdown:
    """A link, to https only."""
    if not url.startswith("https://"):
        raise ValueError("only https links stand in a runbook")
    return Markdown(f"[{text(label)}](<{quote(plain(url), safe=_URL)}>)")


def as_json(value: Any, indent: int | None = None) -> str:
    """JSON, to be put through another filter."""
    return json.dumps(value, indent=indent)


def finished(value: object) -> object:
    """What Jinja2 asks of every value just before it prints it: only what went through a filter may.

    Raises:
        TypeError: a page prints a value as it came.
    """
    if isinstance(value, str) and not hasattr(value, "__html__"):
        raise TypeError(f"a runbook prints {value[:40]!r} without a filter (text, code, cell, sh, fenced, link)")
    return value
