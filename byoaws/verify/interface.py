"""What a probe is given and what it must return."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from byoaws.arn import RoleArn
from byoaws.aws.interface import Caller, Session, VendorAws, VendorPort
from byoaws.aws.question import Question
from byoaws.errors import AwsError
from byoaws.model import ProbeResult
from byoaws.vendor_model import Vendor

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One AssumeRole call: it opened, or AWS said why not."""

    error: AwsError | None
    """None if the role opened."""

    @property
    def opened(self) -> bool:
        """True if AWS handed out a session."""
        return self.error is None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustTrial:
    """The AssumeRole calls that together show what the role's trust policy does."""

    without: Attempt
    """Without an ExternalId; must be refused."""
    wrong: Attempt
    """With a random ExternalId of the same shape; must be refused."""
    right: Attempt
    """With the connection's ExternalId; must open."""
    session: Session | None
    """The session that `right` opened."""
    waited: float
    """Seconds until `right` opened, or gave up."""
    tries: int
    """How often `right` was tried."""
    other: Attempt | None = None
    """With the other of two ExternalIds, while one is exchanged for the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """An ExternalId that is being exchanged for another. Both are of this connection, and minted by us."""

    new: str
    old: str


class Arrivals(Protocol):
    """The events that our own receiver took; each is a type, such as `Bounce`, and a message id.

    Each method raises OSError where that cannot be seen.
    """

    def begin(self) -> None:
        """Count from here on."""

    async def wait_for(self, wanted: Collection[tuple[str, str]], seconds: float) -> frozenset[tuple[str, str]]:
        """Return those of `wanted` that came, as soon as all did, or when the time is up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """A trial of sending, asked for by whoever verifies; never a part of what is asked again and again."""

    sender: str | None
    """None: an address at the first identity that is verified."""
    limit: float
    """Seconds that the events may take."""
    arrivals: Arrivals


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The account that is asked."""

    region: str
    vendor: Vendor
    role_arn: str = ""
    """Empty where access is by a user's own keys; so are the next two."""
    external_id: str = ""
    rotation: Rotation | None = None
    """Where it is being exchanged; `external_id` is one of the two."""
    stack_name: str | None = None
    """As the connection knows it; None where it does not."""
    bucket_name: str | None = None
    """As `stack_name`."""
    wait: float = 0
    """Seconds to go on retrying a refusal of the right ExternalId, while IAM spreads a new role."""
    sending: Sending | None = None
    """None: nothing is sent."""


class Facts(Protocol):
    """What the probes share: each fact is asked of AWS once, when a probe first wants it, however many want it.

    Each method raises `AwsError` as AWS's port does.
    """

    @property
    def target(self) -> Target:
        """The account that is asked."""

    @property
    def role(self) -> RoleArn:
        """The target's role ARN, taken apart; raises ArnError."""

    async def vendor_caller(self) -> Caller:
        """Who we are."""

    async def trial(self) -> TrustTrial:
        """The AssumeRole calls."""

    async def session(self) -> Session:
        """The session in the customer's account; under a role only after `assume-role` passed."""

    async def ask(self, question: Question[T]) -> T:
        """Ask the customer's account; the same question is asked of AWS once, whichever probes want it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One question. `ask` may let an `AwsError` through: the runner makes it UNKNOWN."""

    code: str
    name: str
    title: str
    """The question, in one line."""
    needs: Sequence[str]
    """Probes that must have passed (or warned) before this one makes sense; it runs beside all others."""
    ask: Callable[[Facts], Awaitable[ProbeResult]]


class Progress(Protocol):
    """Told of each probe as it starts and ends; several may be under way."""

    def started(self, probe: Probe) -> None:
        """A probe begins."""

    def finished(self, result: ProbeResult) -> None:
        """A probe ended."""

    def waiting(self, seconds: float) -> None:
        """Waiting `seconds` before the role is tried again."""


VendorAwsFactory = Callable[[str], VendorAws]
"""Given a partition's STS region, the vendor's AWS, one call at a time."""

VendorPortFactory = Callable[[str], VendorPort]
"""Given a partition's STS region, the vendor's AWS, as verification asks it."""
