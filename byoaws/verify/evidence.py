"""What AWS said, as evidence of a probe's result; never a credential."""

from byoaws.errors import AwsError
from byoaws.model import Json


def evidence_of(error: AwsError) -> dict[str, Json]:
    """AWS's own words of an error, those it gave."""
    found = {"operation": error.operation, "aws_code": error.code, "aws_message": error.aws_message}
    return {key: value for key, value in found.items() if value}
