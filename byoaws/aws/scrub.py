"""Takes credentials out of text before anyone sees it.

AWS and botocore do say them: a `SignatureDoesNotMatch` repeats the request that was signed with its session token,
connection errors hold whole URLs with their query, and an answer that cannot be parsed is quoted in full.
"""

import re
from collections.abc import Iterable

REMOVED = "[removed]"
MAXIMUM_LENGTH = 1000
"""Characters kept of a message; AWS's own are shorter, and only what is quoted in them is longer."""

_SHORTEST_SECRET = 8
_CANONICAL = re.compile(r"\s*The Canonical String for this request should have been.*", re.DOTALL | re.IGNORECASE)
_RULES = (
    (re.compile(r"(?<=://)[^\s/@\"']+@"), ""),
    (re.compile(r"\?[\w.%+-]+=[^\s\"'<>]*"), f"?{REMOVED}"),
    (
        re.compile(
            r"((?:security|session)[-_]?token|secret(?:[-_]?access)?[-_]?key|access[-_]?key[-_]?id|x-amz-[a-z-]+)"
            r"([\"']?\s*[:=>]\s*[\"']?)[^\s\"'<>,;&]+",
            re.IGNORECASE,
        ),
        rf"\1\2{REMOVED}",
    ),
    (re.compile(r"((?:signature|credential)[\"']?=[\"']?)[^\s\"'<>,;&]+", re.IGNORECASE), rf"\1{REMOVED}"),
    # Access keys, long-term and temporary. Source: IAM user guide, "IAM identifiers", unique id prefixes.
    (re.compile(r"\b(A[KS]IA)[A-Z0-9]{8,}"), rf"\1{REMOVED}"),
)


def scrub(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` on one printable line, bounded, without `secrets` and without what looks like a credential."""
    for secret in secrets:
        # Anything shorter is no secret of AWS's and could be part of an ordinary word.
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, REMOVED)
    text = _CANONICAL.sub("", text)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= MAXIMUM_LENGTH else f"{line[: MAXIMUM_LENGTH - 3]}..."
