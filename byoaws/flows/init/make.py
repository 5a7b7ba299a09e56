"""A vendor file from a few answers: what they need besides is added and told, and what cannot work is refused.

Pure: no terminal, no file. Packs of the vendor's own are handed in, already read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from byoaws.errors import UsageError
from byoaws.flows.init.answers import POSTS_TO, Wanted, flag
from byoaws.iam.compose import load_pack, pack_names
from byoaws.packs import VARIABLES, Pack
from byoaws.registry import BLOCKS, PROBES
from byoaws.templates.stack import build
from byoaws.vendor_model import DnsFacts, ParameterNames, SecretMode, StackFacts, Vendor, VendorAccount
from byoaws.vendors.file import beside, builtin_vendors
from byoaws.vendors.names import BLOCK_OF, PACK_OF, REQUIRED_PROBES, is_pack_file, pack_name
from byoaws.vendors.writer import variable, vendor_file

_SECRET_PACK = "webhook-secret-read"  # noqa: S105  a pack's name
_FIRST_VERSION = "1.0.0"
_ASKED_WITH = {
    "trust-policy": "iam:GetRole",
    "ses-account": "ses:GetAccount",
    "ses-sending-enabled": "ses:GetAccountSendingEnabled",
    "ses-send-quota": "ses:GetSendQuota",
}
"""Probe that may be left out, to the action without which it could tell nothing."""
_REGISTERS = {"ses:CreateEmailIdentity", "ses:VerifyDomainIdentity"}
_DNS = DnsFacts(mail_from_subdomain="mail", spf="v=spf1 include:amazonses.com ~all", dmarc="v=DMARC1; p=none")
USUAL_PACKS = ("ses-send", "ses-account-read", "self-read")
"""Proposed: to send, to see what SES says, and to let the role be proved."""
OFFERED_BLOCKS: Mapping[str, str] = {
    "sending": "An SES configuration set, which the pack ses-send is limited to.",
    "identity": "A first domain to send from, made by the stack or adopted. Needs 'sending'.",
    "notifications": "SNS topics that post bounces, complaints and deliveries to your webhook. Needs its URL.",
    "inbound": "A bucket for received mail, and the SES receipt rule that fills it. Needs a region where SES receives.",
    "forwarder": "A function that posts each received message to your webhook, signed. Needs its URL, and 'inbound'.",
}
"""Block to what it adds to the customer's account, and what it needs; 'access', the role, is always there."""
_BLOCK_NEEDS = {
    "forwarder": ("inbound", "block 'forwarder' works on what it receives"),
    "identity": ("sending", "the events of block 'identity' go by its configuration set"),
}
"""Block to the one that it does not work without, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """Answers with what they need besides."""

    wanted: Wanted
    added: tuple[str, ...]
    """A line for each thing that was not asked for, and why it is there."""


def offered_packs() -> list[Pack]:
    """Return the packs to choose from: those that ship with byoaws, fit a stack, and are no one vendor's own."""
    vendors = builtin_vendors()
    found = [load_pack(name) for name in pack_names() if not any(name.startswith(f"{one}-") for one in vendors)]
    return [pack for pack in found if all(name in VARIABLES for text in pack.texts() for name in _names_in(text))]


def completed(wanted: Wanted, own: Mapping[str, Pack]) -> Completed:
    """Add the blocks and packs that the answers need.

    Args:
        own: Packs of the vendor's own, by their path.

    Raises:
        UnknownName: no such pack or block.
        UsageError: a pack or a block that no stack with a role can have.
    """
    _check_blocks(wanted.blocks)
    blocks, packs, added = list(dict.fromkeys(wanted.blocks)), list(dict.fromkeys(wanted.packs)), []
    if "access" not in blocks:
        blocks.append("access")
        if wanted.blocks:
            added.append("block 'access': it makes the role")
    for why, block in _needed(wanted, packs, own):
        if block not in blocks:
            blocks.append(block)
            added.append(f"block '{block}': {why}")
    for block, (other, why) in _BLOCK_NEEDS.items():
        if block in blocks and other not in blocks:
            blocks.append(other)
            added.append(f"block '{other}': {why}")
    if "forwarder" in blocks and wanted.webhook_secret is SecretMode.GENERATED and _SECRET_PACK not in packs:
        packs.append(_SECRET_PACK)
        added.append(f"pack '{_SECRET_PACK}': the stack makes the webhook secret, and you read it once")
    ordered = tuple(block for block in BLOCKS if block in blocks)
    return Completed(wanted=replace(wanted, blocks=ordered, packs=tuple(packs)), added=tuple(added))


def _check_blocks(blocks: tuple[str, ...]) -> None:
    for block in blocks:
        BLOCKS.load(block)
    if "user" in blocks:
        raise UsageError(
            "block 'user' is for software that customers run themselves, and makes no role",
            hint="byoaws/vendors/selfmx.yaml shows such a vendor file; leave 'user' out for one with a role",
        )


def _needed(wanted: Wanted, packs: list[str], own: Mapping[str, Pack]) -> Iterator[tuple[str, str]]:
    """Why, and which block."""
    for item in packs:
        pack = own[item] if item in own else load_pack(item)
        # What is about a block is left out of a stack that has none of it, and so needs none.
        always = replace(pack, statements=tuple(one for one in pack.statements if one.block is None))
        for name in (name for text in always.texts() for name in _names_in(text)):
            if name not in VARIABLES:
                raise UsageError(
                    f"pack '{pack.name}' needs '{name}', which no stack has",
                    hint=f"it is for a policy made by hand: byoaws policy permissions --pack {pack.name}",
                )
            if block := VARIABLES[name]:
                yield f"pack '{pack.name}' is limited to what it makes", block
    for block, answer in POSTS_TO.items():
        if getattr(wanted, answer):
            yield f"it posts to {flag(answer)}", block


def _names_in(text: str) -> Iterator[str]:
    return (part.partition("}")[0] for part in text.split("${")[1:])


def vendor_of(wanted: Wanted, own: Mapping[str, Pack]) -> Vendor:
    """Return the vendor that complete answers make."""
    name = wanted.name or ""
    granted = {action for item in wanted.packs for action in (own[item] if item in own else load_pack(item)).actions()}
    return Vendor(
        name=name,
        title=wanted.title or "",
        source=f"{name}.yaml",
        account=VendorAccount(account_id=_account(wanted), role_arn=wanted.role_arn, principal=wanted.principal),
        template_url=wanted.template_url,
        inbound_webhook_url=wanted.inbound_webhook,
        sending_webhook_url=wanted.sending_webhook,
        webhook_secret=wanted.webhook_secret,
        external_id_prefix=wanted.external_id_prefix,
        external_id_bytes=wanted.external_id_bytes,
        session_name=name,
        session_duration=900,
        role_name=wanted.role_name,
        role_path=f"/byoaws/{name}/",
        parameters=ParameterNames(),
        packs=tuple(map(pack_name, wanted.packs)),
        stack=StackFacts(name=f"{name.rstrip('-')}-byo-aws", version=_FIRST_VERSION, blocks=wanted.blocks),
        probes=(
            *REQUIRED_PROBES,
            *(probe for probe, action in _ASKED_WITH.items() if action in granted),
            *_looking(wanted),
        ),
        dns=_DNS if _REGISTERS & granted else None,
        own_packs=tuple(own[item] for item in wanted.packs if item in own),
    )


def _looking(wanted: Wanted) -> Iterator[str]:
    """Probes that look at what the stack made, where a pack lets them and its block is there."""
    packs = set(map(pack_name, wanted.packs))
    for probe in PROBES.builtins:
        block = BLOCK_OF.get(probe)
        if PACK_OF.get(probe) in packs and (block is None or block in wanted.blocks):
            yield probe


def _account(wanted: Wanted) -> str | None:
    """A role's ARN says which account it is in."""
    return wanted.account_id or (wanted.role_arn.split(":")[4] if wanted.role_arn else None)


def text(wanted: Wanted, own: Mapping[str, Pack]) -> str:
    """Return the vendor file that complete answers make."""
    files = {pack_name(item): item for item in wanted.packs if is_pack_file(item)}
    return vendor_file(vendor_of(wanted, own), pack_files=files)


def read_back(wanted: Wanted, own: Mapping[str, Pack], *, source: str) -> Vendor:
    """Return the vendor as the vendor file will be read, once its stack was built.

    Raises:
        VendorFileError: the file would have a mistake.
        UsageError, PolicyError: its stack cannot be built.
    """
    from byoaws.vendors.reader import known_names, read_vendor

    written = text(wanted, own)
    vendor = read_vendor(written, source=source, env={}, known=known_names(), read_file=beside(source))
    build(vendor)
    return vendor


def todo(vendor: Vendor, file: str) -> list[str]:
    """Say what is left to do before a customer can be given a link; `file` is the vendor file."""
    found = []
    option = f" --vendor {file}"
    if vendor.account.account_id is None:
        found.append(f"set aws.account_id, or {variable(vendor.name, 'AWS_ACCOUNT_ID')}")
    if vendor.template_url is None:
        name = variable(vendor.name, "CFN_TEMPLATE_URL")
        found += [
            f"byoaws publish{option} --bucket YOUR_BUCKET",
            f"set template_url to the url that it prints, or {name}",
        ]
    return [*found, f"byoaws doctor{option}", f"byoaws demo{option} tries it all without an AWS account"]
