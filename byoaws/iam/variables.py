"""Policy variables: `${aws:username}`, `${key, 'default'}`, and `${*}`, `${?}`, `${$}` for the characters themselves.

Source: IAM user guide, "IAM policy elements: Variables and tags". Only documents of version 2012-10-17 have them.
"""

import re
from collections.abc import Iterator

from byoaws.iam.context import Context, Lookup
from byoaws.iam.patterns import Pattern, Wildcard, literal, wild
from byoaws.iam.truth import NO, Truth, not_documented, not_known

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_KEY = re.compile(r"([^\s,'*?$]+)(?:,\s*'([^']*)')?")
_SPECIAL = frozenset("*?$")


def has_variable(text: str) -> bool:
    """True if `text` holds something that a 2012 document would replace."""
    return _VARIABLE.search(text) is not None


def expand(text: str, context: Context) -> Pattern | Truth:
    """Put the request's values in place of the variables; what they bring in is literal, never a wildcard.

    Returns the pattern, or why there is none: NO if a key is absent and has no default ("any attempt to match it
    fails"), else in doubt.
    """
    parts: list[str | Wildcard] = []
    for piece in _pieces(text, context):
        if isinstance(piece, Truth):
            return piece
        parts.extend(piece)
    return tuple(parts)


def _pieces(text: str, context: Context) -> Iterator[Pattern | Truth]:
    end = 0
    for found in _VARIABLE.finditer(text):
        yield wild(text[end : found.start()])
        yield _value(found.group(1), context)
        end = found.end()
    yield wild(text[end:])


def _value(inner: str, context: Context) -> Pattern | Truth:
    if inner in _SPECIAL:
        return literal(inner)
    parsed = _KEY.fullmatch(inner)
    if parsed is None:
        return not_documented(f"'${{{inner}}}' is not a policy variable")
    key, default = parsed.groups()
    values = context[key]
    if values is Lookup.ABSENT:
        return literal(default) if default is not None else NO
    if isinstance(values, Lookup):
        return not_known(f"the value of '{key}' is not known")
    if len(values) > 1:
        return not_documented(f"'{key}' has several values and cannot be a policy variable")
    return literal(values[0])
