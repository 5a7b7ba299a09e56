"""What a vendor file means, as data: who gets in, what they may do, what the stack makes, how it is proved."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from byoaws.errors import UsageError
from byoaws.flows.vendor.reach import condition_in_words, in_words, reach
from byoaws.flows.vendor.risk import Risk
from byoaws.flows.vendor.risks import CODES, risks
from byoaws.iam.compose import packs_of
from byoaws.lint.interface import KindsOfResource
from byoaws.quickcreate.check import capabilities
from byoaws.registry import PROBES
from byoaws.templates.stack import build, resources_by_block
from byoaws.vendor_model import Access, SecretMode, Vendor

_SECRET_COST = {
    SecretMode.GENERATED: "the stack makes it; the vendor reads it once through the role, one call per connection",
    SecretMode.PARAMETER: "byoaws makes it; it is plain text in the link, in browser histories and in the stack",
}
PAGES = ("docs/vendor-file.md", "docs/security.md", "docs/probes.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One action of one pack."""

    pack: str
    own: bool
    """True if the pack is the vendor's own, and does not ship with byoaws."""
    action: str
    reason: str
    resources: tuple[str, ...]
    """As the pack writes them."""
    on: tuple[str, ...]
    """The same in plain words."""
    condition: str
    """In plain words; empty where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One probe."""

    code: str
    name: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """A vendor file, explained. The field names are the keys of `vendor show --format json`."""

    name: str
    title: str
    source: str
    access: str
    who: str
    """Who may get in, in one sentence."""
    account_id: str | None
    role_arn: str | None
    principal: str | None
    role_path: str
    fixed_name: str | None
    permissions: tuple[Permission, ...]
    reach: tuple[str, ...]
    """What somebody could do who holds the vendor's account, or the keys."""
    stack: str
    """Name and version."""
    template_url: str | None
    blocks: Mapping[str, Mapping[str, int]]
    """Block to resource type to count."""
    parameters: tuple[str, ...]
    capabilities: tuple[str, ...]
    inbound: str | None
    """How SES receives mail; None where nothing is received."""
    pipeline: Mapping[str, tuple[str, ...]] | None
    """Of Mail Manager: names of its parts by kind, and of its parameters; None where `inbound` is by receipt rules."""
    dns: Mapping[str, str] | None
    """What is asked for in a domain's DNS."""
    webhooks: Mapping[str, str | None]
    inline_limit: int | None
    """Bytes up to which a message is posted itself; None where none is posted."""
    webhook_secret: str | None
    """None where nothing is signed."""
    secret_cost: str
    external_id: Mapping[str, Any] | None
    """`prefix`, `bits` and `length`; None where there is none."""
    session: Mapping[str, Any] | None
    """`name` and `duration` in seconds; None where there is none."""
    probes: tuple[Question, ...]
    privacy: tuple[Mapping[str, str], ...]
    warnings: tuple[Risk, ...]
    documentation: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The shape of `vendor show --format json`."""
        return asdict(self)


def explain(vendor: Vendor, kinds: KindsOfResource) -> Meaning:
    """Explain a vendor file.

    Raises:
        UsageError, PolicyError: its stack cannot be built, as `templates.stack.build`.
    """
    template = build(vendor)
    return Meaning(
        **_access(vendor),
        **_webhooks(vendor),
        **_mail(vendor),
        name=vendor.name,
        title=vendor.title,
        source=vendor.source,
        permissions=_permissions(vendor),
        reach=reach(packs_of(vendor)),
        stack=f"{vendor.stack.name} {vendor.stack.version}",
        template_url=vendor.template_url,
        blocks={block: dict(Counter(types)) for block, types in resources_by_block(vendor).items()},
        parameters=tuple(template.get("Parameters") or ()),
        capabilities=tuple(capabilities(template)),
        probes=tuple(_question(name) for name in vendor.probes),
        privacy=tuple({"data": row.data, "stored": row.stored} for row in vendor.privacy),
        warnings=risks(vendor, kinds),
        documentation=PAGES,
    )


def _access(vendor: Vendor) -> dict[str, Any]:
    by_role = vendor.access is Access.ROLE
    return {
        "access": vendor.access.value,
        "who": who(vendor),
        "account_id": vendor.account.account_id,
        "role_arn": vendor.account.role_arn,
        "principal": vendor.account.principal,
        "role_path": vendor.role_path,
        "fixed_name": vendor.role_name if by_role else vendor.user_name,
        "external_id": _external_id(vendor) if by_role else None,
        "session": {"name": vendor.session_name, "duration": vendor.session_duration} if by_role else None,
    }


def _mail(vendor: Vendor) -> dict[str, Any]:
    pipeline = vendor.pipeline
    parts = {kind.value: tuple(named) for kind, named in pipeline.parts.items() if named} if pipeline else {}
    declared = {"parameters": tuple(one.name for one in pipeline.parameters)} if pipeline else {}
    return {
        "inbound": vendor.inbound.value if "inbound" in vendor.stack.blocks else None,
        "pipeline": {**parts, **declared} if pipeline else None,
        "dns": asdict(vendor.dns) if vendor.dns else None,
    }


def _webhooks(vendor: Vendor) -> dict[str, Any]:
    signs = "forwarder" in vendor.stack.blocks
    return {
        "webhooks": {
            "inbound": vendor.inbound_webhook_url,
            "sending": vendor.sending_webhook_url,
            "registration": vendor.registration_url,
        },
        "inline_limit": vendor.inline_limit if signs else None,
        "webhook_secret": vendor.webhook_secret.value if signs else None,
        "secret_cost": _SECRET_COST[vendor.webhook_secret] if signs else "",
    }


def warnings(vendor: Vendor, kinds: KindsOfResource, ignored: Collection[str] = ()) -> list[dict[str, str]]:
    """Return the warnings, less those whose codes are `ignored`, in the shape of `vendor check --format json`.

    Raises:
        UsageError: `ignored` holds what is no code, or the stack cannot be built.
        PolicyError: as `explain`.
    """
    for code in ignored:
        if code not in CODES:
            raise UsageError(f"'{code[:20]}' is not the code of a warning", hint=f"known: {', '.join(CODES)}")
    build(vendor)
    return [asdict(risk) for risk in risks(vendor, kinds) if risk.code not in ignored]


def who(vendor: Vendor) -> str:
    """Say in one sentence who gets into the customer's account."""
    account = vendor.account
    if vendor.access is Access.USER:
        return "nobody outside the customer's account; software that the customer runs holds an access key"
    where = f"account {account.account_id}" if account.account_id else "the vendor's account, which is not set yet"
    if account.role_arn:
        return f"only the role {account.role_arn}"
    if account.principal:
        return f"in {where}, only what matches {account.principal}"
    return f"in {where}, everybody who may call sts:AssumeRole"


def _permissions(vendor: Vendor) -> tuple[Permission, ...]:
    own = {pack.name for pack in vendor.own_packs}
    return tuple(
        Permission(
            pack=pack.name,
            own=pack.name in own,
            action=grant.action,
            reason=grant.reason,
            resources=statement.resources,
            on=tuple(map(in_words, statement.resources)),
            condition=condition_in_words(statement),
        )
        for pack in packs_of(vendor)
        for statement in pack.statements
        for grant in statement.grants
    )


def _external_id(vendor: Vendor) -> dict[str, Any]:
    count = vendor.external_id_bytes
    prefix = vendor.external_id_prefix
    return {"prefix": prefix, "bits": 8 * count, "length": len(prefix) + 2 * count}


def _question(name: str) -> Question:
    probe = PROBES.load(name)
    return Question(code=probe.code, name=probe.name, title=probe.title)
