"""What AWS said, as evidence of a probe's result; never a credential."""

from byoaws.errors import AwsError
from byoaws.facts.failures import Failure, find
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
