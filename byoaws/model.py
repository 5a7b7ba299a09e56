"""The words of byoaws as values: what connections, probes and verdicts are made of; vendors are in `vendor_model`.

Frozen data only. Nothing here reads a file, a clock or a network.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""Whatever `json.loads` may return."""


class Status(enum.StrEnum):
    """What one probe found."""

    PASS = "PASS"  # noqa: S105  a status
    WARN = "WARN"
    FAIL = "FAIL"
    SKIP = "SKIP"
    """Not asked, because a probe it depends on did not pass."""
    UNKNOWN = "UNKNOWN"
    """Asked, and could not tell. Never a pass, never a failure."""


class Verdict(enum.StrEnum):
    """What all probes of one account add up to."""

    VERIFIED = "verified"
    INSECURE = "insecure"
    """The role opens for someone it should refuse."""
    FAILED = "failed"
    UNKNOWN = "unknown"


class Ability(enum.StrEnum):
    """Can an account be used for something?"""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    """Not asked, or could not tell."""
    NOT_OFFERED = "not-offered"
    """The vendor does not use it."""


class ConnectionStatus(enum.StrEnum):
    """Where a connection stands in its life."""

    PENDING = "pending"
    VERIFIED = "verified"
    INSECURE = "insecure"
    FAILED = "failed"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """One probe's answer. The field names are the keys of `verify --format json`."""

    code: str
    """Stable, for example `V201`; its page is docs/probes.md."""
    name: str
    """For example `external-id-required`."""
    status: Status
    summary: str
    """One sentence: what was found, in what."""
    causes: tuple[str, ...] = ()
    """Likely causes, most likely first, with the exact values to compare."""
    fix: str = ""
    """What to do next, and who does it."""
    evidence: Mapping[str, Json] = field(default_factory=dict)
    """What AWS answered; never a credential."""
    opens_for_others: bool = False
    """True if the role opened for someone whom it must refuse: the verdict is then `insecure`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One thing that an account can be used for, or not."""

    name: str
    """`send`, `identities`, `events`, `inbound` or `archive`."""
    ability: Ability
    code: str = ""
    """Of the probe that says so; empty where none was asked."""
    probe: str = ""
    """Its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationReport:
    """All probes of one account, and what they add up to."""

    verdict: Verdict
    role_arn: str | None
    """None where access is by a user's own keys."""
    account_id: str | None
    """The account that GetCallerIdentity named; None if the role never opened."""
    region: str
    vendor: str
    sandbox: bool | None
    """True while SES is in the sandbox; None if that could not be told."""
    checked_at: datetime
    probes: tuple[ProbeResult, ...]
    capabilities: tuple[Capability, ...] = ()
    """What the probes add up to for each thing that the account can be used for; empty in reports of before."""

    def last_error(self) -> str | None:
        """What went wrong, in AWS's own words where it spoke; None when all is well."""
        for wanted in (Status.FAIL, Status.UNKNOWN):
            for probe in self.probes:
                if probe.status is wanted:
                    return str(probe.evidence.get("aws_message") or probe.summary)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One customer's AWS account and region as connected to the vendor, with its own ExternalId."""

    id: str
    """Minted by us: `con_` and 20 lower-case letters and digits."""
    alias: str
    vendor: str
    region: str
    external_id: str
    """Minted by us, unique among all that were ever issued. An identifier, not a secret. It changes only to the pending
    one, by `Store.exchange`."""
    pending_external_id: str | None = None
    """Minted by us as well: the one that takes its place once the role opens with it and refuses the other."""
    customer: str | None = None
    """The vendor's own name or number for its customer."""
    webhook_secret: str | None = field(default=None, repr=False)
    """Encrypted at rest; None until it is known, where the customer's stack makes it."""
    next_webhook_secret: str | None = field(default=None, repr=False)
    """The one that is taking its place; encrypted as well. Receivers accept both."""
    secret_spread_at: datetime | None = None
    """Since when the customer's side is known to sign with the next one."""
    secret_overlap: int | None = None
    """Seconds from then on for which both are accepted."""
    secret_arn: str | None = None
    """Where the customer's stack keeps the secret; None until it was read there."""
    keys_version: int = 0
    """How often ExternalId or webhook secret were exchanged: whoever knows an older state cannot write over them."""
    stack_name: str | None = None
    template_url: str | None = None
    role_arn: str | None = None
    """Never held by two connections."""
    account_id: str | None = None
    bucket_name: str | None = None
    status: ConnectionStatus = ConnectionStatus.PENDING
    sandbox: bool | None = None
    last_error: str | None = None
    """As AWS said it."""
    created_at: datetime
    """All times are aware and in UTC."""
    updated_at: datetime
    checked_at: datetime | None = None
    """When it was last verified, whatever came of it."""
    verified_at: datetime | None = None
    """When it last was `verified`."""

    @property
    def secret_overlap_ends(self) -> datetime | None:
        """When both webhook secrets have been accepted for long enough; None unless the customer's side has both."""
        if self.secret_spread_at is None or self.secret_overlap is None:
            return None
        return self.secret_spread_at + timedelta(seconds=self.secret_overlap)


@dataclass(frozen=True, slots=True, kw_only=True)
class StackClaim:
    """What a customer's stack says of itself, and proved to be of its connection; its role is still to be verified."""

    connection_id: str
    stack_id: str
    role_arn: str
    bucket_name: str | None
    secret_arn: str | None
    claimed_at: datetime
    template_version: str | None = None
    """What it says that it was made from."""
    is_deleted: bool = False
    """It said that it is being deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One mistake in a template. The field names are the keys of `lint --format json`."""

    code: str
    severity: str
    """`error`, `warning` or `info`."""
    message: str
    fix: str
    path: str
    line: int
    """1-based."""
    column: int
    """1-based."""
    end_line: int = 0
    """Where it ends, 1-based; 0 where that is not known."""
    end_column: int = 0
    """The column after its last character, 1-based; 0 where that is not known."""
    title: str = ""
    """What the rule is about."""
    source: str = ""
    """Where to read of it: the page of AWS or of cfn-lint that the rule rests on."""
