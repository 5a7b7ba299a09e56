"""A `Vendor` to the text of a vendor file: the reverse of `vendors.reader`, with a line on what each key is for.

Whatever the reader lets through comes back the same, save for what is left to the environment.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, fields

from byoaws.vendor_model import INLINE_LIMIT, Access, ParameterNames, SecretMode, Vendor
from byoaws.vendors import nested

# Read as it is written by every YAML, and by no means as something else than text.
_PLAIN = re.compile(r"(?:\./)?[A-Za-z/](?:[\w ./@+=-]|:(?=\S))*[\w/*]", re.ASCII)
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
_WIDTH = 116


def vendor_file(vendor: Vendor, *, pack_files: Mapping[str, str] | None = None) -> str:
    """Return the text of a vendor file that says what `vendor` says.

    The account and the template's URL, where they are not set, are left to environment variables of the vendor's name.

    Args:
        pack_files: Where each of the vendor's own packs is, by name, as `packs` of the file shall have it.
    """
    lines = [line for part in _BEFORE_PACKS for line in part(vendor)]
    lines += _packs(vendor, pack_files or {})
    lines += [line for part in _AFTER_PACKS for line in part(vendor)]
    return "\n".join(lines) + "\n"


def variable(vendor_name: str, what: str) -> str:
    """Return the name of the environment variable that a vendor file leaves something to."""
    return f"{vendor_name.upper().replace('-', '_')}_{what}"


def _scalar(text: str | None) -> str:
    if text is None:
        return "null"
    # Of the environment nothing is meant.
    text = text.replace("${", "$${")
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    # JSON's strings are YAML's.
    return json.dumps(text, ensure_ascii=False)


def _listed(key: str, values: tuple[str, ...], indent: str = "") -> Iterator[str]:
    short = f"{indent}{key}: [{', '.join(map(_scalar, values))}]"
    if len(short) <= _WIDTH and len(values) <= 5:
        yield short
        return
    yield f"{indent}{key}:"
    yield from (f"{indent}  - {_scalar(value)}" for value in values)


def _head(vendor: Vendor) -> Iterator[str]:
    yield f"# {vendor.title}, in its customers' own AWS accounts. Every key is described in docs/vendor-file.md."
    yield "# ${NAME:-default} is filled in from the environment. What it all means: byoaws vendor show"
    yield ""
    yield "# Lower case: stands in paths and in the names of resources."
    yield f"name: {_scalar(vendor.name)}"
    yield "# What customers read."
    yield f"title: {_scalar(vendor.title)}"
    if vendor.access is not Access.ROLE:
        yield "# The customer runs the software itself, with an access key of an IAM user."
        yield f"access: {vendor.access.value}"


def _aws(vendor: Vendor) -> Iterator[str]:
    account = vendor.account
    yield ""
    yield "# Who assumes the customer's role. Empty means not set yet: everything works without it, save a link."
    yield "# Of role_arn and principal at most one; either narrows who in the account may."
    yield "aws:"
    if account.account_id:
        yield f'  account_id: "{account.account_id}"'
    else:
        yield f"  account_id: ${{{variable(vendor.name, 'AWS_ACCOUNT_ID')}:-}}"
    yield f"  role_arn: {_scalar(account.role_arn)}"
    yield f"  principal: {_scalar(account.principal)}"


def _template_url(vendor: Vendor) -> Iterator[str]:
    yield ""
    yield "# Where the template was published: the url that `byoaws publish` prints. CloudFormation reads S3 only."
    unset = f"${{{variable(vendor.name, 'CFN_TEMPLATE_URL')}:-}}"
    yield f"template_url: {_scalar(vendor.template_url) if vendor.template_url else unset}"


def _webhooks(vendor: Vendor) -> Iterator[str]:
    limited = vendor.inline_limit != INLINE_LIMIT
    if vendor.inbound_webhook_url or vendor.sending_webhook_url or limited:
        yield ""
        yield "# The forwarder posts received mail to `inbound`; SNS posts bounces, complaints, the like to `sending`."
        yield "webhooks:"
        yield f"  inbound: {_scalar(vendor.inbound_webhook_url)}"
        yield f"  sending: {_scalar(vendor.sending_webhook_url)}"
    if limited:
        yield "  # Bytes. A larger message is told by its place in the bucket; with 0 none of it leaves the account."
        yield f"  inline_limit: {vendor.inline_limit}"
    if "forwarder" in vendor.stack.blocks or vendor.webhook_secret is not SecretMode.GENERATED:
        yield ""
        yield "# Signs what the forwarder posts. generated: the stack makes it, the vendor reads it through the role;"
        yield "# parameter: the vendor makes it, and it stands in plain text in the link."
        yield f"webhook_secret: {vendor.webhook_secret.value}"


def _external_id(vendor: Vendor) -> Iterator[str]:
    yield ""
    yield "# Each connection's ExternalId: `prefix`, then random bytes, two characters each (24 are 192 bits)."
    yield "external_id:"
    yield f"  prefix: {_scalar(vendor.external_id_prefix)}"
    yield f"  bytes: {vendor.external_id_bytes}"


def _session(vendor: Vendor) -> Iterator[str]:
    yield ""
    yield "# What the customer's CloudTrail calls the vendor, and how many seconds a session lasts."
    yield "session:"
    yield f"  name: {_scalar(vendor.session_name)}"
    yield f"  duration: {vendor.session_duration}"


def _role(vendor: Vendor) -> Iterator[str]:
    yield ""
    yield "# Without a fixed name, CAPABILITY_IAM is enough and two connections fit into one account."
    yield "role:"
    yield f"  path: {_scalar(vendor.role_path)}"
    yield f"  name: {_scalar(vendor.role_name)}"
    if vendor.user_name:
        yield "user:"
        yield f"  name: {_scalar(vendor.user_name)}"


def _parameters(vendor: Vendor) -> Iterator[str]:
    if vendor.parameters != ParameterNames():
        yield ""
        yield "# What the stack's parameters are called; their case matters in a link."
        yield "parameters:"
        yield from (f"  {one.name}: {_scalar(getattr(vendor.parameters, one.name))}" for one in fields(ParameterNames))


def _packs(vendor: Vendor, pack_files: Mapping[str, str]) -> Iterator[str]:
    yield ""
    yield "# What the role may do: permission packs, each action with its reason (byoaws vendor show lists them)."
    yield "packs:"
    yield from (f"  - {_scalar(pack_files.get(name, name))}" for name in vendor.packs)


def _stack(vendor: Vendor) -> Iterator[str]:
    yield ""
    yield "# What customers deploy. A change of the stack wants a new version, published under a new key."
    yield "stack:"
    yield f"  name: {_scalar(vendor.stack.name)}"
    yield f"  version: {vendor.stack.version}"
    yield from _listed("blocks", vendor.stack.blocks, "  ")


def _inbound(vendor: Vendor) -> Iterator[str]:
    if vendor.pipeline is None:
        return
    yield ""
    yield "# How SES receives: Mail Manager costs by the month and does with mail what `mail_manager` says."
    yield f"inbound: {vendor.inbound.value}"
    if vendor.pipeline.written is not None:
        yield "# Keys and values are AWS's own words, in lower case."
        yield "mail_manager:"
        yield from nested.lines(vendor.pipeline.written, _scalar, "  ")


def _probes(vendor: Vendor) -> Iterator[str]:
    yield ""
    yield "# What is asked of an account before it counts as verified."
    yield from _listed("probes", vendor.probes)


def _dns(vendor: Vendor) -> Iterator[str]:
    if vendor.dns:
        yield ""
        yield "# What is asked for in the DNS of a customer's domain."
        yield "dns:"
        yield from (f"  {name}: {_scalar(value)}" for name, value in asdict(vendor.dns).items())


def _privacy(vendor: Vendor) -> Iterator[str]:
    if vendor.privacy:
        yield ""
        yield "# What the vendor stores of the customer's data."
        yield "privacy:"
        for row in vendor.privacy:
            yield f"  - data: {_scalar(row.data)}"
            yield f"    stored: {_scalar(row.stored)}"


_Part = Callable[[Vendor], Iterator[str]]
_BEFORE_PACKS: tuple[_Part, ...] = (_head, _aws, _template_url, _webhooks, _external_id, _session, _role, _parameters)
_AFTER_PACKS: tuple[_Part, ...] = (_stack, _inbound, _probes, _dns, _privacy)
