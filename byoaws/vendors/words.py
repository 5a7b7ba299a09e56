"""How a vendor file's mistakes are put into words: what may be printed as it is, and what was probably meant."""

import re
from collections.abc import Iterable

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Line breaks, control characters, text-direction overrides and halves of surrogate pairs."""

SECRET = re.compile(
    r"SECRET|TOKEN|PASSWORD|PASSWD|CREDENTIAL|PRIVATE|(?:^|_)(?:API|ACCESS)?_?KEY(?:_|$)", re.IGNORECASE
)
"""Names of variables and keys whose value is never repeated."""

_LONGEST_GUESS = 64


def plain(text: str, limit: int = 80) -> str:
    """Return `text` fit for one line of a terminal: unprintable characters escaped, at most `limit` characters.

    A parenthesis that is cut is closed.
    """
    clipped = text
    if len(text) > limit:
        kept = text[: limit - 4]
        clipped = f"{kept}...)" if kept.count("(") > kept.count(")") else f"{text[: limit - 3]}..."
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in clipped)


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the one of `known` that `word` is probably a misspelling of, if any."""
    if len(word) > _LONGEST_GUESS:
        return None
    # Only a mistake needs it.
    from difflib import get_close_matches

    return next(iter(get_close_matches(word.lower(), sorted(known), n=1)), None)


def dotted(path: Iterable[str | int]) -> str:
    """Return a path as people write it: `webhooks.inbound`, `packs[2]`."""
    written = ""
    for part in path:
        if isinstance(part, int):
            written += f"[{part}]"
        else:
            written += f"{'.' if written else ''}{plain(part)}"
    return written
