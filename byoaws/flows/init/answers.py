"""The answers from which a vendor file is made: what each must look like, and which are missing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from byoaws.errors import ByoawsError
from byoaws.iam.compose import pack_names
from byoaws.quickcreate.template_url import parse_template_url
from byoaws.registry import BLOCKS
from byoaws.vendor_model import SecretMode
from byoaws.vendors import checks
from byoaws.vendors.names import is_pack_file, pack_file_mistake, pack_name
from byoaws.vendors.words import closest, plain

POSTS_TO = {"forwarder": "inbound_webhook", "notifications": "sending_webhook"}
"""Block to the answer that says where it posts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was answered; None is not answered."""

    name: str | None = None
    title: str | None = None
    account_id: str | None = None
    role_arn: str | None = None
    principal: str | None = None
    packs: tuple[str, ...] = ()
    """Names, and paths of packs of the vendor's own."""
    blocks: tuple[str, ...] = ()
    inbound_webhook: str | None = None
    sending_webhook: str | None = None
    webhook_secret: SecretMode = SecretMode.GENERATED
    external_id_prefix: str = ""
    external_id_bytes: int = 24
    role_name: str | None = None
    template_url: str | None = None


CHECKS: Mapping[str, Callable[[str], str]] = {
    "name": checks.vendor_name,
    "title": checks.title,
    "account_id": checks.account_id,
    "role_arn": checks.role_arn,
    "principal": checks.principal,
    "inbound_webhook": checks.https_url,
    "sending_webhook": checks.https_url,
    "external_id_prefix": checks.external_id_prefix,
    "role_name": checks.role_name,
    "template_url": checks.https_url,
}
"""Answer to what it must look like; each raises ValueError."""


def flag(answer: str) -> str:
    """Return the command-line option of an answer."""
    return f"--{answer.replace('_', '-')}"


def mistakes(wanted: Wanted) -> list[str]:
    """What is wrong with the answers that are there, a line each, as a user of options reads it."""
    found = [f"{flag(name)}: {message}" for name in CHECKS if (message := mistake(name, getattr(wanted, name)))]
    if not found:
        found = list(_together(wanted))
    found += [f"--packs: {message}" for message in map(_pack_mistake, wanted.packs) if message]
    return [*found, *(f"--blocks: {_stranger('block', one, BLOCKS)}" for one in wanted.blocks if one not in BLOCKS)]


def mistake(answer: str, value: str | None) -> str | None:
    """What is wrong with one answer; None if nothing is."""
    if not value:
        return None
    try:
        CHECKS[answer](value)
    except checks.Complete as error:
        return str(error)
    except ValueError as error:
        return f"'{plain(value)}' {error}"
    return None


def _together(wanted: Wanted) -> Iterator[str]:
    if wanted.role_arn and wanted.principal:
        yield "--principal: --role-arn already names one role; give only one of the two"
    if wanted.role_arn and wanted.account_id and wanted.role_arn.split(":")[4] != wanted.account_id:
        yield f"--role-arn: is not a role of account {wanted.account_id}"
    try:
        checks.external_id_bytes(wanted.external_id_bytes, wanted.external_id_prefix)
    except ValueError as error:
        yield f"--external-id-bytes: {wanted.external_id_bytes} {error}"
    try:
        if wanted.template_url:
            parse_template_url(wanted.template_url)
    except ByoawsError as error:
        yield f"--template-url: {error}"


def _pack_mistake(item: str) -> str | None:
    known = pack_names()
    if not is_pack_file(item):
        return _stranger("pack", item, known) if item not in known else None
    if message := pack_file_mistake(item):
        return f"'{plain(item)}' {message}"
    return f"'{item}' has the name of a pack that ships with byoaws" if pack_name(item) in known else None


def _stranger(kind: str, name: str, known: Iterable[str]) -> str:
    guess = closest(name, known)
    instead = f"did you mean '{guess}'?" if guess else f"known: {', '.join(known)}"
    return f"'{plain(name)}' is not a {kind}; {instead}"


def missing(wanted: Wanted) -> list[str]:
    """Options without which there is no vendor file: all of them, since each would be asked for."""
    found = [flag(name) for name in ("name", "title") if getattr(wanted, name) is None]
    if wanted.account_id is None and wanted.role_arn is None:
        found.append("--account-id (or --role-arn)")
    if not wanted.packs:
        found.append("--packs")
    for block, answer in POSTS_TO.items():
        if block in wanted.blocks and getattr(wanted, answer) is None:
            found.append(f"{flag(answer)} (block '{block}' posts there)")
    return found
