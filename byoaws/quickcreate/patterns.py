"""Whether a value matches an AllowedPattern, within bounds: the pattern is the template's, and may be anybody's.

Python's own `re` has no limit on time, and holds up every thread of the process while it tries.
"""

import re
import warnings

SECONDS = 1.0
"""For one value. An ordinary pattern takes a thousandth of a second."""
LONGEST = 4_096
"""Characters of a pattern."""
_SHORT = 1_000
"""Characters of a value that a plain pattern is tried on without a clock."""

_CLASS_OR_ESCAPE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
# What multiplies the ways to match: a group that is repeated, a choice, a look aside, a reference back.
_MULTIPLIES = re.compile(r"\)[*+{]|\||\(\?")
_REFERENCE = re.compile(r"\\[1-9]")
_LONG_REPETITION = re.compile(r"[*+]|\{\d*,(?:\d{2,})?\}")
_SHORT_REPETITION = re.compile(r"\?|\{\d*,\d\}")


class Unmatchable(Exception):
    """Whether a value matches cannot be told; the message says why, and not the value."""


def fits(pattern: str, value: str) -> bool:
    """Say whether the whole of `value` matches `pattern`.

    Raises:
        Unmatchable: it is too long or too deep, or takes too long.
        re.error: it is no regular expression.
    """
    if len(pattern) > LONGEST:
        raise Unmatchable(f"its AllowedPattern has more than {LONGEST:,} characters")
    try:
        # Python's rules decide what a pattern is, so that one of the library's own is none. ASCII: CloudFormation's
        # patterns are Java's, whose \w and \d know no other letters and digits.
        with warnings.catch_warnings(action="ignore", category=FutureWarning):
            compiled = re.compile(pattern, re.ASCII)
        if len(value) <= _SHORT and _is_plain(pattern):
            return compiled.fullmatch(value) is not None
    except (RecursionError, MemoryError, OverflowError):
        raise Unmatchable("its AllowedPattern is too large") from None
    return _within_time(pattern, value)


def _is_plain(pattern: str) -> bool:
    """True if it has so few ways to match that each can be tried: the square of the value's length, times a few."""
    bare = _CLASS_OR_ESCAPE.sub("x", pattern)
    few = len(_LONG_REPETITION.findall(bare)) <= 2 and len(_SHORT_REPETITION.findall(bare)) <= 3
    return few and not _MULTIPLIES.search(bare) and not _REFERENCE.search(pattern)


def _within_time(pattern: str, value: str) -> bool:
    import regex  # type: ignore[import-untyped]  # and not at the top: most patterns are plain

    try:
        return regex.fullmatch(pattern, value, regex.ASCII | regex.VERSION0, timeout=SECONDS) is not None
    except TimeoutError:
        raise Unmatchable("its AllowedPattern takes too long to try") from None
    except (RecursionError, MemoryError, OverflowError):
        raise Unmatchable("its AllowedPattern is too large") from None
    except regex.error as error:
        raise re.error(str(error)) from None
