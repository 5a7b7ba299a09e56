"""A customer's forwarder, queue and bucket, opened by the role, to have received mail posted once more."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from byoaws.aws.interface import Replay
from byoaws.errors import AccessDenied, InvalidRequest, UsageError
from byoaws.model import Connection, Json
from byoaws.vendor_model import Vendor
from byoaws.verify.clock import Clock

PACK = "inbound-replay"
FASTEST = 100.0
"""Messages a second; more than a new account's Lambda runs at once."""

# As byoaws.templates.names has them, which would load troposphere.
_FORWARDER, _DEAD_LETTERS, _BUCKET = "ForwarderFunction", "ForwarderDeadLetters", "InboundBucket"
_SPARE = 120
"""Seconds before a session's end at which it is opened anew."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What AWS calls the parts of one customer's stack."""

    region: str
    function: str
    queue_url: str
    bucket: str


class Door:
    """The role, opened again before its session ends: to post a bucket again takes hours."""

    def __init__(self, connection: Connection, vendor: Vendor, opened: Callable[[], Replay], clock: Clock) -> None:
        """`opened` opens the role."""
        self.connection = connection
        self._vendor = vendor
        self._opened = opened
        self.clock = clock
        self._until = 0.0
        self._aws: Replay | None = None

    def ask(self, call: Callable[[Replay], Answer]) -> Answer:
        """Return what `call` returns.

        Raises:
            AwsError: of AccessDenied the hint says which pack is missing, and how it comes into the stack.
        """
        if self._aws is None or self.clock.now() >= self._until:
            self._aws = self._opened()
            self._until = self.clock.now() + self._vendor.session_duration - _SPARE
        try:
            return call(self._aws)
        except AccessDenied as error:
            error.hint = self._missing()
            raise

    def _missing(self) -> str:
        upgrade = f"then the customer updates the stack: byoaws runbook upgrade-stack --connection {self.connection.id}"
        if PACK in self._vendor.packs:
            return f"the stack may be older than the pack '{PACK}' in the vendor file: publish the template, {upgrade}"
        return f"the role needs the pack '{PACK}': add it to packs in the vendor file, publish the template, {upgrade}"


def find(door: Door, vendor: Vendor, stack_name: str | None) -> Place:
    """Say what AWS calls the stack's parts.

    Raises:
        UsageError: the vendor's stack has no forwarder, that of the connection is not known, or has none yet.
        AwsError: AWS did not say.
    """
    if "forwarder" not in vendor.stack.blocks:
        raise UsageError(
            f"the stack of vendor '{vendor.name}' has no forwarder, so nothing is posted",
            hint="only vendors with block 'forwarder' have received mail posted",
        )
    connection = door.connection
    name = stack_name or connection.stack_name
    if name is None:
        raise UsageError(f"connection '{connection.id}' knows no stack", hint="give --stack, as the customer named it")
    found = _resources(door, name)
    missing = [one for one in (_FORWARDER, _DEAD_LETTERS, _BUCKET) if one not in found]
    if missing:
        raise UsageError(
            f"stack '{name}' in account {connection.account_id} has no {', '.join(missing)}",
            hint=f"let the customer update it: byoaws runbook upgrade-stack --connection {connection.id}",
        )
    return Place(
        region=connection.region,
        function=found[_FORWARDER],
        queue_url=found[_DEAD_LETTERS],
        bucket=found[_BUCKET],
    )


def _resources(door: Door, name: str) -> Mapping[str, str]:
    other = f"if the customer named the stack otherwise than '{name}', give --stack"
    try:
        return door.ask(lambda aws: aws.resources(name))
    except AccessDenied as error:
        # By its name IAM knows only this stack.
        error.hint = f"{error.hint}; {other}"
        raise
    except InvalidRequest as error:
        error.hint = other
        raise


class Pace:
    """So many a second, evenly."""

    def __init__(self, rate: float, clock: Clock) -> None:
        """Take messages a second.

        Raises:
            UsageError: not more than none, or too many.
        """
        if not 0 < rate <= FASTEST:
            raise UsageError(f"{rate:g} messages a second cannot be meant", hint=f"more than 0, up to {FASTEST:g}")
        self._gap = 1 / rate
        self._clock = clock
        self._next = clock.now()

    def wait(self) -> None:
        """Wait until the next one may go."""
        pause = self._next - self._clock.now()
        if pause > 0:
            self._clock.sleep(pause)
        self._next = max(self._next, self._clock.now()) + self._gap


def is_event_of(event: object, bucket: str) -> bool:
    """True for what S3 tells the forwarder of objects in that bucket."""
    records = event.get("Records") if isinstance(event, dict) else None
    return isinstance(records, list) and bool(records) and all(_bucket_of(record) == bucket for record in records)


def keys_of(event: Mapping[str, Json]) -> tuple[str, ...]:
    """The keys that an event of S3 names, as S3 writes them there."""
    records = event["Records"]
    assert isinstance(records, list)  # noqa: S101  see is_event_of
    return tuple(str(_object_of(record).get("key", "")) for record in records)


def _bucket_of(record: object) -> object:
    s3 = record.get("s3") if isinstance(record, dict) else None
    bucket = s3.get("bucket") if isinstance(s3, dict) else None
    named = isinstance(bucket, dict) and isinstance(_object_of(record).get("key"), str)
    return bucket.get("name") if named and isinstance(bucket, dict) else None


def _object_of(record: object) -> Mapping[str, object]:
    s3 = record.get("s3") if isinstance(record, dict) else None
    found = s3.get("object") if isinstance(s3, dict) else None
    return found if isinstance(found, dict) else {}
