"""The ports to name servers and to websites, and what they answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class Resolver(Protocol):
    """Asks name servers."""

    def txt(self, name: str) -> Sequence[str]:
        """Every TXT record of a name, each with its parts put together; none where there are none, or no such name.

        Raises:
            NetworkError: the name servers gave no usable answer.
        """

    def addresses(self, name: str) -> Sequence[str]:
        """Every IPv4 and IPv6 address of a name; none where there are none, or no such name.

        Raises:
            NetworkError: the name servers gave no usable answer.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What came of a look at a website."""

    url: str
    """The page that answered last, after redirects."""
    status: int | None
    """Of HTTP; None where nothing was asked, because that was not safe or not possible."""
    refused: str = ""
    """Why nothing was asked, or asked further: a predicate of `url`, such as `is at a private address`."""


class Websites(Protocol):
    """Looks at websites."""

    def visit(self, url: str) -> Visit:
        """Ask for the page at an https URL, and for those that it redirects to; public addresses only.

        Raises:
            NetworkError: no usable answer.
        """


class Poster(Protocol):
    """Posts to a place that the operator named."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """POST, and be content with a 2xx only; follows no redirect.

        Raises:
            NetworkError: no such answer came.
        """
