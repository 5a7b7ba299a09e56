"""What a vendor file says, as values. Frozen data only."""

import enum
from dataclasses import dataclass, field

from byoaws.packs import Pack
from byoaws.pipeline import Pipeline


class SecretMode(enum.StrEnum):
    """How the webhook secret comes into the customer's stack."""

    GENERATED = "generated"
    """The stack makes it in Secrets Manager; the vendor reads it through the role."""
    PARAMETER = "parameter"
    """The vendor mints it and the link carries it in plain text."""


class Access(enum.StrEnum):
    """How the vendor gets into the customer's account."""

    ROLE = "role"
    """By AssumeRole, with an ExternalId."""
    USER = "user"
    """By an access key of an IAM user, which the customer keeps in its own installation."""


class Inbound(enum.StrEnum):
    """How SES receives mail for the block `inbound`."""

    RECEIPT_RULES = "receipt-rules"
    """By a rule in the account's active receipt rule set."""
    MAIL_MANAGER = "mail-manager"
    """By ingress points of its own, with a traffic policy and a rule set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorAccount:
    """Who assumes the role."""

    account_id: str | None
    """12 digits; None until the operator sets it."""
    role_arn: str | None
    """The one role of the vendor that assumes customers' roles, where there is one."""
    principal: str | None
    """Without a role ARN: who in the account may assume, as `role/PATTERN` or `user/PATTERN`."""


INLINE_LIMIT = 262_144
"""Bytes up to which a message is posted itself, unless the vendor file says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterNames:
    """What the vendor calls the stack's parameters."""

    external_id: str = "ExternalId"
    vendor_account_id: str = "VendorAwsAccountId"
    webhook_secret: str = "WebhookSecret"  # noqa: S105  a parameter's name
    inbound_webhook_url: str = "InboundWebhookUrl"
    sending_webhook_url: str = "SendingWebhookUrl"
    connection_id: str = "ConnectionId"
    registration_url: str = "RegistrationUrl"
    registration_token: str = "RegistrationToken"  # noqa: S105  a parameter's name


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
class PrivacyRow:
    """One line of a vendor's privacy table."""

    data: str
    """For example `Recipient email address`."""
    stored: str
    """Whether, and why, the vendor stores it."""


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
    access: Access = Access.ROLE
    inline_limit: int = INLINE_LIMIT
    """Bytes of a received message that are posted themselves; larger ones are told by their place in the bucket."""
    registration_url: str | None = None
    """Where stacks tell the vendor of themselves; None leaves it to pasting."""
    user_name: str | None = None
    """A fixed name for the customer's IAM user, where access is by one; None lets CloudFormation choose."""
    privacy: tuple[PrivacyRow, ...] = ()
    """What the vendor says it stores of the customer's data."""
    inbound: Inbound = Inbound.RECEIPT_RULES
    pipeline: Pipeline | None = field(default=None, hash=False)
    """What Mail Manager does with mail; None where `inbound` is by receipt rules."""
    by_name: bool = field(default=False, compare=False)
    """True if it was asked for by a name under which it is offered, and not as a file."""
    own_packs: tuple[Pack, ...] = ()
    """Packs of the vendor's own, from files beside the vendor file; `packs` names them as well."""

    @property
    def option(self) -> str:
        """What `--vendor` takes: its name, or else its file."""
        return self.name if self.by_name else self.source
