"""The port to an account that is only looked at: every call is one that AWS documents as reading.

What comes back is what AWS answered, as plain data, and no more is believed of it than `answer.inside` checks.
"""

from collections.abc import Mapping
from typing import Protocol

from byoaws.model import Json

Answer = Mapping[str, Json]
"""What AWS answered; a time in it is text."""

READING = ("describe_", "get_", "list_", "simulate_")
"""What the names of calls begin with that change nothing."""


class Reader(Protocol):
    """One account in one region."""

    def ask(self, service: str, operation: str, **parameters: Json) -> Answer:
        """Make one call, such as `iam`, `get_role`.

        Raises:
            ValueError: the call is none that only reads.
            AwsError: AWS refused, or gave no usable answer.
        """

    def every(self, service: str, operation: str, key: str, **parameters: Json) -> list[Json]:
        """Make a call that answers in pages, and return what is under `key` in all of them; raises as `ask`."""

    def function_code(self, name: str) -> Mapping[str, bytes]:
        """The files of a Lambda function's code, by name; raises as `ask`, also where it is too large to be ours."""
