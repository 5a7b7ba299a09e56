"""The keys of a vendor file, a line each, and the `Vendor` that they make; docs/vendor-file.md describes every key.

Checks that need a second key sit on the later of the two.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from pydantic_core import SchemaValidator
from pydantic_core.core_schema import CoreConfig, CoreSchema, ValidationInfo, any_schema, nullable_schema

from byoaws.arn import parse_role_arn
from byoaws.packs import Pack
from byoaws.pipeline import Pipeline
from byoaws.vendor_model import (
    INLINE_LIMIT,
    Access,
    DnsFacts,
    Inbound,
    ParameterNames,
    PrivacyRow,
    SecretMode,
    StackFacts,
    Vendor,
    VendorAccount,
)
from byoaws.vendors import checks, names
from byoaws.vendors.kinds import Beside, choice, default, group, maybe, number, optional, required, rows, text, texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Names that a vendor file may refer to; the validation context."""

    packs: names.Names
    blocks: names.Names
    probes: names.Names


def _in_the_account(role_arn: str, info: ValidationInfo) -> str:
    account_id = info.data.get("account_id")
    if account_id and parse_role_arn(role_arn).account_id != account_id:
        raise ValueError(f"is not a role of the account that aws.account_id names, {account_id}")
    return role_arn


def _not_beside_a_role(principal: str, info: ValidationInfo) -> str:
    if info.data.get("role_arn"):
        raise ValueError("would be ignored, because aws.role_arn already names one role; give only one of the two")
    return principal


def _fits_the_prefix(count: int, info: ValidationInfo) -> int:
    return checks.external_id_bytes(count, info.data.get("prefix", ""))


def _only_once(name: str, info: ValidationInfo) -> str:
    for key, other in info.data.items():
        if other == name:
            raise ValueError(f"is already the name of parameters.{key}")
    return name


def _known(of: Callable[[Known], names.Names]) -> Beside:
    def check(given: Sequence[str], info: ValidationInfo) -> tuple[str, ...]:
        if not isinstance(info.context, Known):
            raise TypeError("a vendor file is read with the known names as its context")
        return names.names(given, of(info.context))

    return check


def _packs(given: Sequence[str], info: ValidationInfo) -> tuple[str, ...]:
    if not isinstance(info.context, Known):
        raise TypeError("a vendor file is read with the known names as its context")
    return names.packs(given, info.context.packs)


def _probes(given: Sequence[str], info: ValidationInfo) -> tuple[str, ...]:
    if not isinstance(info.context, Known):
        raise TypeError("a vendor file is read with the known names as its context")
    return names.probes(given, info.context.probes, info.data.get("access", Access.ROLE))


AWS = group(
    {
        "account_id": required(maybe(text(checks.account_id))),
        "role_arn": optional(text(checks.role_arn, _in_the_account)),
        "principal": optional(text(checks.principal, _not_beside_a_role)),
    }
)
WEBHOOKS = group(
    {
        "inbound": optional(text(checks.https_url)),
        "sending": optional(text(checks.https_url)),
        "registration": optional(text(checks.https_url)),
        "inline_limit": default(INLINE_LIMIT, number(checks.inline_limit)),
    }
)
EXTERNAL_ID = group(
    {
        "prefix": default("", text(checks.external_id_prefix)),
        "bytes": default(24, number(beside=_fits_the_prefix)),
    }
)
SESSION = group(
    {
        "name": optional(text(checks.session_name)),
        "duration": default(900, number(checks.session_duration)),
    }
)
ROLE = group(
    {
        "path": optional(text(checks.role_path)),
        "name": optional(text(checks.role_name)),
    }
)
USER = group(
    {
        "name": optional(text(checks.user_name)),
    }
)
PARAMETERS = group(
    {
        parameter.name: default(parameter.default, text(checks.parameter_name, _only_once))
        for parameter in fields(ParameterNames)
    }
)
STACK = group(
    {
        "name": required(text(checks.stack_name)),
        "version": required(text(checks.version)),
        "blocks": required(texts(_known(lambda known: known.blocks))),
    }
)
DNS = group(
    {
        "mail_from_subdomain": required(text(checks.subdomain)),
        "spf": required(text(checks.spf)),
        "dmarc": required(text(checks.dmarc)),
    }
)
PRIVACY_ROW = group(
    {
        "data": required(text(checks.line)),
        "stored": required(text(checks.line)),
    }
)
VENDOR = group(
    {
        "name": required(text(checks.vendor_name)),
        "title": required(text(checks.title)),
        "access": default(Access.ROLE, choice(Access)),
        "aws": required(AWS),
        "template_url": optional(text(checks.https_url)),
        "webhooks": default({}, WEBHOOKS),
        "webhook_secret": default(SecretMode.GENERATED, choice(SecretMode)),
        "external_id": default({}, EXTERNAL_ID),
        "session": default({}, SESSION),
        "role": default({}, ROLE),
        "user": default({}, USER),
        "parameters": default({}, PARAMETERS),
        "packs": required(texts(_packs)),
        "stack": required(STACK),
        "inbound": default(Inbound.RECEIPT_RULES, choice(Inbound)),
        # Read by byoaws.mail_manager, from what AWS's API takes.
        "mail_manager": default(None, any_schema()),
        "probes": required(texts(_probes)),
        "dns": default(None, nullable_schema(DNS)),
        "privacy": default([], rows(PRIVACY_ROW)),
    }
)
"""A whole vendor file."""

_VALIDATOR = SchemaValidator(VENDOR, CoreConfig(hide_input_in_errors=True))


def checked(value: object, known: Known) -> dict[str, Any]:
    """Return every key with its value, as the tables above say; raises pydantic_core's ValidationError."""
    found: dict[str, Any] = _VALIDATOR.validate_python(value, context=known)
    return found


def vendor(
    found: dict[str, Any], source: str, own_packs: Sequence[Pack] = (), pipeline: Pipeline | None = None
) -> Vendor:
    """Return the vendor of checked keys, its own packs and its pipeline, with what depends on its name filled in."""
    name = found["name"]
    return Vendor(
        name=name,
        title=found["title"],
        source=source,
        account=_account(**found["aws"]),
        template_url=found["template_url"],
        inbound_webhook_url=found["webhooks"]["inbound"],
        sending_webhook_url=found["webhooks"]["sending"],
        registration_url=found["webhooks"]["registration"],
        inline_limit=found["webhooks"]["inline_limit"],
        webhook_secret=found["webhook_secret"],
        external_id_prefix=found["external_id"]["prefix"],
        external_id_bytes=found["external_id"]["bytes"],
        session_name=found["session"]["name"] or name,
        session_duration=found["session"]["duration"],
        role_name=found["role"]["name"],
        role_path=found["role"]["path"] or f"/byoaws/{name}/",
        parameters=ParameterNames(**found["parameters"]),
        packs=tuple(map(names.pack_name, found["packs"])),
        stack=StackFacts(**{**found["stack"], "blocks": names.blocks(found)}),
        probes=found["probes"],
        dns=DnsFacts(**found["dns"]) if found["dns"] else None,
        access=found["access"],
        user_name=found["user"]["name"],
        privacy=tuple(PrivacyRow(**row) for row in found["privacy"]),
        own_packs=tuple(own_packs),
        inbound=found["inbound"],
        pipeline=pipeline,
    )


def _account(*, account_id: str | None, role_arn: str | None, principal: str | None) -> VendorAccount:
    """A role's ARN says which account it is in, so the account need not be given as well."""
    if role_arn and not account_id:
        account_id = parse_role_arn(role_arn).account_id
    return VendorAccount(account_id=account_id, role_arn=role_arn, principal=principal)


def keys(*, only_required: bool = False) -> Iterator[str]:
    """Every key of a vendor file, dotted, in the order of the file: `aws`, `aws.account_id`, ..."""
    return (name for name, is_required in _walk(VENDOR, "") if is_required or not only_required)


def _walk(schema: CoreSchema, prefix: str) -> Iterator[tuple[str, bool]]:
    inner: Any = schema
    # Defaults, None and checks are wrapped around what they apply to.
    while "schema" in inner:
        inner = inner["schema"]
    for name, field in inner.get("fields", {}).items():
        yield f"{prefix}{name}", field["required"]
        yield from _walk(field["schema"], f"{prefix}{name}.")
