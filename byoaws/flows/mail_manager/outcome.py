"""What came of a command, and which refusals of AWS are an answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from byoaws.errors import AwsError, InvalidRequest, NotFound
from byoaws.model import Json

FINE, NOT_FINE, CANNOT_TELL = 0, 1, 3
_REFUSALS = {
    "ConflictException": "something else is going on there, or it is in use: wait, then try again",
    "ServiceQuotaExceededException": "the account has as many as AWS allows; see Service Quotas, SES Mail Manager",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The end of a command."""

    exit_code: int
    message: str
    """One line."""
    todo: str = ""
    """What to do next; empty where there is nothing."""
    data: Mapping[str, Json] = field(default_factory=dict)
    """Of the JSON output, beside the two."""

    def as_json(self) -> dict[str, Json]:
        """Return it as plain data."""
        return {**self.data, "message": self.message, "todo": self.todo}


def settled(run: Callable[[], Outcome], **data: Json) -> Outcome:
    """Return what `run` returns; where AWS says that it is not there, in conflict or malformed, that is the answer.

    Raises:
        AwsError: of any other kind, which leaves everything open.
    """
    try:
        return run()
    except AwsError as error:
        if isinstance(error, NotFound | InvalidRequest) or error.code in _REFUSALS:
            todo = error.hint or _REFUSALS.get(error.code, "check the id, the region, and whose account it is")
            return Outcome(exit_code=NOT_FINE, message=error.message, todo=todo, data=data)
        raise
