"""What AWS said, as evidence of a probe's result; never a credential."""

import functools

from byoaws.errors import AwsError, NotFound
from byoaws.facts.failures import Failure, failures, find
from byoaws.model import Json


def evidence_of(error: AwsError) -> dict[str, Json]:
    """AWS's own words of an error, those it gave, and which failure of the catalogue that is."""
    known = failure_of(error)
    found = {
        "operation": error.operation,
        "aws_code": error.code,
        "aws_message": error.aws_message,
        "failure": known.code if known else "",
    }
    return {key: value for key, value in found.items() if value}


def failure_of(error: AwsError) -> Failure | None:
    """Return the entry of the catalogue (docs/failures.md) that is what AWS said; None where none is."""
    return find(
        operation=error.operation,
        aws_code=error.code,
        message=error.aws_message,
        kinds=[kind.__name__ for kind in type(error).__mro__ if issubclass(kind, AwsError)],
    )


def aws_says_gone(error: NotFound) -> bool:
    """True if AWS itself says that a thing is not there, by a code of its own; also of an error that we raised.

    A status 404 and nothing more may come from a proxy, or from a wrong endpoint, and says nothing of the thing.
    """
    if error.code:
        return error.code in _gone_codes()
    return bool(error.aws_message) or not error.operation


@functools.cache
def _gone_codes() -> frozenset[str]:
    found = (one.aws_codes for one in failures() if NotFound.__name__ in one.kinds)
    return frozenset(code for codes in found for code in codes if not code.isdecimal())
