"""The keys of a vendor file, as pydantic models; every key is described in docs/vendor-file.md.

Input is text, lists and mappings only (`byoaws.vendors.document`), so each field says how text becomes its type. An
empty value of an optional key means that it is not set. Checks that need a second key sit on the later of the two.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Self, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationInfo, field_validator

from byoaws.arn import parse_role_arn
from byoaws.model import DnsFacts, ParameterNames, SecretMode, StackFacts, Vendor, VendorAccount
from byoaws.vendors import checks


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Names that a vendor file may refer to; the validation context."""

    packs: checks.Names
    blocks: checks.Names
    probes: checks.Names


Unset = BeforeValidator(lambda value: None if value == "" else value)
Number = BeforeValidator(checks.whole_number)
HttpsUrl = Annotated[str, AfterValidator(checks.https_url)]
ParameterName = Annotated[str, AfterValidator(checks.parameter_name)]


class Group(BaseModel):
    """Keys that belong together; any other key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, hide_input_in_errors=True)


class AwsGroup(Group):
    """`aws`: who assumes the role."""

    account_id: Annotated[Annotated[str, AfterValidator(checks.account_id)] | None, Unset]
    role_arn: Annotated[Annotated[str, AfterValidator(checks.role_arn)] | None, Unset] = None
    principal: Annotated[Annotated[str, AfterValidator(checks.principal)] | None, Unset] = None

    @field_validator("role_arn")
    @classmethod
    def _in_the_account(cls, value: str | None, info: ValidationInfo) -> str | None:
        account_id = info.data.get("account_id")
        if value and account_id and parse_role_arn(value).account_id != account_id:
            raise ValueError(f"is not a role of the account that aws.account_id names, {account_id}")
        return value

    @field_validator("principal")
    @classmethod
    def _not_beside_a_role(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value and info.data.get("role_arn"):
            raise ValueError("would be ignored, because aws.role_arn already names one role; give only one of the two")
        return value


class WebhooksGroup(Group):
    """`webhooks`: where the customer's stack posts to."""

    inbound: Annotated[HttpsUrl | None, Unset] = None
    sending: Annotated[HttpsUrl | None, Unset] = None


class ExternalIdGroup(Group):
    """`external_id`: how ExternalIds are minted."""

    prefix: Annotated[str, AfterValidator(checks.external_id_prefix)] = ""
    bytes: Annotated[int, Number] = 24

    @field_validator("bytes")
    @classmethod
    def _fits(cls, value: int, info: ValidationInfo) -> int:
        return checks.external_id_bytes(value, info.data.get("prefix", ""))


class SessionGroup(Group):
    """`session`: the sessions that the vendor opens."""

    name: Annotated[Annotated[str, AfterValidator(checks.session_name)] | None, Unset] = None
    duration: Annotated[int, Number, AfterValidator(checks.session_duration)] = 900


class RoleGroup(Group):
    """`role`: what the customer's role is called."""

    path: Annotated[Annotated[str, AfterValidator(checks.role_path)] | None, Unset] = None
    name: Annotated[Annotated[str, AfterValidator(checks.role_name)] | None, Unset] = None


_NAMES = ParameterNames()


class ParametersGroup(Group):
    """`parameters`: what the stack's parameters are called."""

    external_id: ParameterName = _NAMES.external_id
    vendor_account_id: ParameterName = _NAMES.vendor_account_id
    webhook_secret: ParameterName = _NAMES.webhook_secret
    inbound_webhook_url: ParameterName = _NAMES.inbound_webhook_url
    sending_webhook_url: ParameterName = _NAMES.sending_webhook_url

    @field_validator("*")
    @classmethod
    def _only_once(cls, value: str, info: ValidationInfo) -> str:
        for key, other in info.data.items():
            if other == value:
                raise ValueError(f"is already the name of parameters.{key}")
        return value


class StackGroup(Group):
    """`stack`: the stack that the customer deploys."""

    name: Annotated[str, AfterValidator(checks.stack_name)]
    version: Annotated[str, AfterValidator(checks.version)]
    blocks: tuple[str, ...]

    @field_validator("blocks")
    @classmethod
    def _known_blocks(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return checks.names(value, _known(info).blocks)


class DnsGroup(Group):
    """`dns`: what the vendor asks for in a domain's DNS."""

    mail_from_subdomain: Annotated[str, AfterValidator(checks.subdomain)]
    spf: Annotated[str, AfterValidator(checks.spf)]
    dmarc: Annotated[str, AfterValidator(checks.dmarc)]


class VendorKeys(Group):
    """A whole vendor file."""

    name: Annotated[str, AfterValidator(checks.vendor_name)]
    title: Annotated[str, AfterValidator(checks.title)]
    aws: AwsGroup
    template_url: Annotated[HttpsUrl | None, Unset] = None
    webhooks: WebhooksGroup = WebhooksGroup()
    webhook_secret: SecretMode = SecretMode.GENERATED
    external_id: ExternalIdGroup = ExternalIdGroup()
    session: SessionGroup = SessionGroup()
    role: RoleGroup = RoleGroup()
    parameters: ParametersGroup = ParametersGroup()
    packs: tuple[str, ...]
    stack: StackGroup
    probes: tuple[str, ...]
    dns: DnsGroup | None = None

    @field_validator("packs")
    @classmethod
    def _known_packs(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return checks.names(value, _known(info).packs)

    @field_validator("probes")
    @classmethod
    def _known_probes(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return checks.names(value, _known(info).probes, checks.REQUIRED_PROBES)

    @classmethod
    def read(cls, value: object, known: Known) -> Self:
        """Check `value`; raises pydantic's ValidationError."""
        return cls.model_validate(value, context=known)

    def vendor(self, source: str) -> Vendor:
        """Return the vendor, with what depends on its name filled in."""
        return Vendor(
            name=self.name,
            title=self.title,
            source=source,
            account=_account(self.aws),
            template_url=self.template_url,
            inbound_webhook_url=self.webhooks.inbound,
            sending_webhook_url=self.webhooks.sending,
            webhook_secret=self.webhook_secret,
            external_id_prefix=self.external_id.prefix,
            external_id_bytes=self.external_id.bytes,
            session_name=self.session.name or self.name,
            session_duration=self.session.duration,
            role_name=self.role.name,
            role_path=self.role.path or f"/byoaws/{self.name}/",
            parameters=ParameterNames(**dict(self.parameters)),
            packs=self.packs,
            stack=StackFacts(**dict(self.stack)),
            probes=self.probes,
            dns=DnsFacts(**dict(self.dns)) if self.dns else None,
        )


def keys(group: type[BaseModel] = VendorKeys, prefix: str = "") -> Iterator[str]:
    """Every key of a vendor file, dotted, in the order of the file: `aws`, `aws.account_id`, ..."""
    for name, field in group.model_fields.items():
        yield f"{prefix}{name}"
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from keys(kind, f"{prefix}{name}.")


def _account(aws: AwsGroup) -> VendorAccount:
    """A role's ARN says which account it is in, so the account need not be given as well."""
    account_id = aws.account_id or (parse_role_arn(aws.role_arn).account_id if aws.role_arn else None)
    return VendorAccount(account_id=account_id, role_arn=aws.role_arn, principal=aws.principal)


def _known(info: ValidationInfo) -> Known:
    known = info.context
    if not isinstance(known, Known):
        raise TypeError("a vendor file is read with the known names as its context")
    return known
