"""Every error that byoaws raises on purpose, with its exit code and the way out.

    ByoawsError
    ├── UsageError                   exit 2: what was asked cannot be done as asked
    │   ├── VendorFileError          every mistake of a vendor file, each with its place
    │   ├── PriceTableError          every mistake of a price table, each with its place
    │   ├── UnknownName              a name that no table holds
    │   ├── ArnError                 not an ARN, or not one of the kind asked for
    │   ├── LinkError                a Quick-Create link that the console would refuse or quietly change
    │   ├── PolicyError              a policy document that cannot be read, or is over AWS's limits
    │   ├── UnknownConnection        no connection by that id
    │   ├── ConnectionConflict       an ExternalId or a role ARN that another connection holds
    │   └── ConnectionUnusable       a connection that stands so that it must not be used
    │       └── ConnectionFailed     AWS does not open its role, or its verification failed
    ├── StoreError                   exit 3: the store cannot be opened, read or written
    │   ├── StoreMissing             nothing is at the place that was named
    │   └── KeyMissing               stored secrets exist, the key for them does not
    ├── FakeAwsError                 exit 3: the embedded AWS did not start or did not answer
    ├── NetworkError                 exit 3: a name server or a website gave no usable answer
    ├── WebhookError                 exit 2: a webhook that must not be acted on
    │   ├── WebhookForged            its signature, or where it says that it comes from, is not right
    │   ├── WebhookStale             signed too long ago, or ahead of now
    │   ├── WebhookMalformed         not in the form in which it is sent
    │   ├── WebhookTooLarge          more bytes than are read
    │   └── WebhookUndecided         exit 3: could not be verified now; it should come again
    └── AwsError                     exit 3: what AWS answered, or that it did not
        ├── AccessDenied             AWS refused
        ├── BadCredentials           the caller's own credentials are missing, expired or invalid
        ├── Throttled                AWS asked for fewer calls
        ├── Unreachable              no answer: network, DNS, time-out, 5xx
        ├── RegionDisabled           the region, or STS in it, is not enabled
        ├── NotFound                 the thing asked for is not there
        └── InvalidRequest           AWS, or botocore before it, refused the request as malformed

Messages are lower case, name the thing in quotes, and never hold a credential.
"""

from collections.abc import Sequence
from typing import ClassVar

from byoaws.problem import Problem, listed


class ByoawsError(Exception):
    """Anything byoaws raises on purpose; `hint` says what to do next."""

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint

    def __str__(self) -> str:
        return self.message


class UsageError(ByoawsError):
    """What was asked for cannot be done as it was asked."""


class VendorFileError(UsageError):
    """A vendor file with mistakes: all of them, in `problems`."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source, self.problems = source, tuple(problems)
        super().__init__(listed("vendor file", source, self.problems), hint="docs/vendor-file.md describes every key")


class PriceTableError(UsageError):
    """A price table with mistakes: all of them, in `problems`."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source, self.problems = source, tuple(problems)
        hint = "byoaws/facts/prices.yaml is one without mistakes"
        super().__init__(listed("price table", source, self.problems), hint=hint)


class UnknownName(UsageError):
    """A name that is in none of our tables; `known` lists those that are."""

    def __init__(self, kind: str, name: str, known: Sequence[str]) -> None:
        self.known = tuple(sorted(known))
        super().__init__(f"no {kind} named '{name}'", hint=f"known: {', '.join(self.known)}")


class ArnError(UsageError):
    """Not an ARN, or not an ARN of the kind that was asked for."""


class LinkError(UsageError):
    """A Quick-Create link that the AWS console would refuse, or would quietly change."""


class PolicyError(UsageError):
    """A policy document that cannot be read, or is larger than AWS allows."""


class UnknownConnection(UsageError):
    """The store holds no connection by that id."""


class ConnectionConflict(UsageError):
    """An ExternalId, or a role ARN, that another connection already holds."""


class ConnectionUnusable(UsageError):
    """A connection that stands so that it must not be used; `status` says how, `aws_message` why where AWS spoke."""

    def __init__(
        self, message: str, *, connection_id: str = "", status: str = "", aws_message: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.connection_id, self.status, self.aws_message = connection_id, status, aws_message


class ConnectionFailed(ConnectionUnusable):
    """AWS refuses to open the connection's role, or did, or a probe of it failed; `aws_message` is what AWS said."""


class StoreError(ByoawsError):
    """The store cannot be opened, read or written."""

    exit_code = 3


class StoreMissing(StoreError):
    """No store is at the place that was named, and what was asked for makes none."""


class KeyMissing(StoreError):
    """The store holds encrypted values and the key that opens them is not here."""


class FakeAwsError(ByoawsError):
    """The embedded AWS did not start, or did not answer as it should."""

    exit_code = 3


class NetworkError(ByoawsError):
    """A name server or a website gave no usable answer."""

    exit_code = 3


class WebhookError(ByoawsError):
    """A webhook that must not be acted on; `status` is what to answer it with."""

    status: ClassVar[int] = 400


class WebhookForged(WebhookError):
    """Its signature, or where it says that it comes from, is not right."""

    status: ClassVar[int] = 403


class WebhookStale(WebhookError):
    """Signed too long ago, or ahead of now: a replay, or a clock that is wrong."""


class WebhookMalformed(WebhookError):
    """Not in the form in which the forwarder, SNS or SES sends it."""


class WebhookTooLarge(WebhookError):
    """More bytes than are read."""

    status: ClassVar[int] = 413


class WebhookUndecided(WebhookError):
    """Could not be verified now: neither right nor wrong, so it should come again."""

    exit_code: ClassVar[int] = 3
    status: ClassVar[int] = 503


class AwsError(ByoawsError):
    """What AWS answered to a call, or that it did not answer.

    `code` and `aws_message` are AWS's own words (empty where no answer came); `operation` is the API call.
    """

    exit_code = 3

    def __init__(
        self, message: str, *, operation: str = "", code: str = "", aws_message: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.operation, self.code, self.aws_message = operation, code, aws_message


class AccessDenied(AwsError):
    """AWS refused the call."""


class BadCredentials(AwsError):
    """The credentials that signed the call are missing, expired or invalid."""


class Throttled(AwsError):
    """AWS asked for fewer calls."""


class Unreachable(AwsError):
    """No usable answer: network, DNS, time-out, or a fault on AWS's side (5xx)."""


class RegionDisabled(AwsError):
    """The region, or STS in that region, is not enabled for the account."""


class NotFound(AwsError):
    """The thing the call asked for is not there."""


class InvalidRequest(AwsError):
    """AWS, or botocore before sending, refused the request as malformed."""
