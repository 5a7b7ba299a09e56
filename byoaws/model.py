"""The words of byoaws as values: what vendors, connections, probes and verdicts are made of.

Frozen data only. Nothing here reads a file, a clock or a network.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
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


class ConnectionStatus(enum.StrEnum):
    """Where a connection stands in its life."""

    PENDING = "pending"
    VERIFIED = "verified"
    INSECURE = "insecure"
    FAILED = "failed"
    DISCONNECTED = "disconnected"


class SecretMode(enum.StrEnum):
    """How the webhook secret comes into the customer's stack."""

    GENERATED = "generated"
    """The stack makes it in Secrets Manager; the vendor reads it through the role."""
    PARAMETER = "parameter"
    """The vendor mints it and the link carries it in plain text."""


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
class VerificationReport:
    """All probes of one account, and what they add up to."""

    verdict: Verdict
    role_arn: str
    account_id: str | None
    """The account that GetCallerIdentity named; None if the role never opened."""
    region: str
    vendor: str
    sandbox: bool | None
    """True while SES is in the sandbox; None if that could not be told."""
    checked_at: datetime
    probes: tuple[ProbeResult, ...]

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
    """Minted by us, immutable, unique in the store. An identifier, not a secret."""
    customer: str | None = None
    """The vendor's own name or number for its customer."""
    webhook_secret: str | None = field(default=None, repr=False)
    """Encrypted at rest; None where the customer's stack makes it."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorAccount:
    """Who assumes the role."""

    account_id: str | None
    """12 digits; None until the operator sets it."""
    role_arn: str | None
    """The one role of the vendor that assumes customers' roles, where there is one."""
    principal: str | None
    """Without a role ARN: who in the account may assume, as `role/PATTERN` or `user/PATTERN`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterNames:
    """What the vendor calls the stack's parameters."""

    external_id: str = "ExternalId"
    vendor_account_id: str = "VendorAwsAccountId"
    webhook_secret: str = "WebhookSecret"  # noqa: S105  a parameter's name
    inbound_webhook_url: str = "InboundWebhookUrl"
    sending_webhook_url: str = "SendingWebhookUrl"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackFacts:
    """The stack that the customer deploys."""

    name: str
    """Proposed stack name."""
    version: str
    """Template version, `MAJOR.MINOR.PATCH`."""
    blocks: tuple[str, ...]
    """Building blocks by name, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsFacts:
    """What the vendor asks for in a domain's DNS."""

    mail_from_subdomain: str
    spf: str
    dmarc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """One vendor file, read and checked."""

    name: str
    """Lower case, used in paths and names."""
    title: str
    source: str
    """Where it was read from."""
    account: VendorAccount
    template_url: str | None
    inbound_webhook_url: str | None
    sending_webhook_url: str | None
    webhook_secret: SecretMode
    external_id_prefix: str
    external_id_bytes: int
    """Random bytes in an ExternalId: 24 (192 bits) or more."""
    session_name: str
    session_duration: int
    """Seconds, 900 to 43200 (3600 where the vendor itself runs under a role)."""
    role_name: str | None
    """A fixed name for the customer's role; None lets CloudFormation choose (recommended)."""
    role_path: str
    parameters: ParameterNames
    packs: tuple[str, ...]
    stack: StackFacts
    probes: tuple[str, ...]
    dns: DnsFacts | None
