"""Whether a value matches an AllowedPattern, within bounds: the pattern is the template's, and may be anybody's.

Python's own `re` has no limit on time, and holds up every thread of the process while it tries.
"""

import re
import warnings

SECONDS = 1.0
"""For one value. An ordinary pattern takes a thousandth of a second."""
LONGEST = 4_096
"""Characters of a pattern."""


class Unmatchable(Exception):
    """Whether a value matches cannot be told; the message says why, and not the value."""


def fits(pattern: str, value: str) -> bool:
    """Say whether the whole of `value` matches `pattern`.

    Raises:
        Unmatchable: it is too long or too deep, or takes too long.
        re.error: it is no regular expression.
    """
    import regex  # type: ignore[import-untyped]  # and not at the top: most values have no pattern

    if len(pattern) > LONGEST:
        raise Unmatchable(f"its AllowedPattern has more than {LONGEST:,} characters")
    try:
        # Python's rules decide what a pattern is, so that one of the library's own is none. ASCII: CloudFormation's
        # patterns are Java's, whose \w and \d know no other letters and digits.
        with warnings.catch_warnings(action="ignore", category=FutureWarning):
            re.compile(pattern, re.ASCII)
        return regex.fullmatch(pattern, value, regex.ASCII | regex.VERSION0, timeout=SECONDS) is not None
    except TimeoutError:
        raise Unmatchable("its AllowedPattern takes too long to try") from None
    except (RecursionError, MemoryError, OverflowError):
        raise Unmatchable("its AllowedPattern is too large") from None
    except regex.error as error:
        raise re.error(str(error)) from None
