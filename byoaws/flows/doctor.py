"""The operator's side: is what we hand to customers sound, before a customer finds out?"""

import json
from collections.abc import Callable, Iterable

from byoaws.aws.interface import TemplateSource, VendorAws
from byoaws.errors import AccessDenied, AwsError, ByoawsError, InvalidRequest, NotFound
from byoaws.model import ProbeResult, Vendor
from byoaws.quickcreate.template_url import parse_template_url
from byoaws.store.interface import Store
from byoaws.templates.stack import build, content_sha256
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import evidence_of

_DEEPEST = 50
"""Levels of nesting; our own templates have fewer than 20."""

_VENDOR = Answers("D101", "vendor-file")
_IDENTITY = Answers("D102", "own-identity")
_PRINCIPAL = Answers("D103", "trusted-principal")
_TEMPLATE = Answers("D201", "published-template")
_STORE = Answers("D301", "store")


def examine(
    vendor: Vendor, aws: VendorAws, source: TemplateSource, open_store: Callable[[], Store]
) -> tuple[ProbeResult, ...]:
    """Look at everything on the operator's side; errors become results."""
    return (
        _vendor(vendor),
        _identity(vendor, aws),
        _principal(vendor),
        _template(vendor, source),
        _store(open_store),
    )


def _vendor(vendor: Vendor) -> ProbeResult:
    try:
        build(vendor)
    except ByoawsError as error:
        return _VENDOR.failed(f"{vendor.source}: {error}", error.hint)
    return _VENDOR.passed(f"{vendor.source}: stack {vendor.stack.name} {vendor.stack.version}")


def _identity(vendor: Vendor, aws: VendorAws) -> ProbeResult:
    try:
        caller = aws.caller()
    except AwsError as error:
        return _IDENTITY.unknown(
            f"our own credentials do not work: {error}", error.hint or "try again", evidence=evidence_of(error)
        )
    expected = vendor.account.account_id
    if expected is None:
        return _IDENTITY.warned(
            f"we are {caller.arn}; the vendor file names no account, so no link can be built",
            f"set aws.account_id to {caller.account_id}, if that is the account customers should trust",
        )
    if caller.account_id != expected:
        return _IDENTITY.failed(
            f"we run in account {caller.account_id}, but the vendor file says {expected}",
            "use that account's credentials (--profile), or correct aws.account_id",
        )
    return _IDENTITY.passed(f"we are {caller.arn}")


def _principal(vendor: Vendor) -> ProbeResult:
    if vendor.account.role_arn or vendor.account.principal:
        return _PRINCIPAL.passed(f"roles trust {vendor.account.role_arn or vendor.account.principal} only")
    return _PRINCIPAL.warned(
        "roles trust every principal of our account that may call sts:AssumeRole",
        "set aws.role_arn or aws.principal in the vendor file",
    )


def _template(vendor: Vendor, source: TemplateSource) -> ProbeResult:
    if vendor.template_url is None:
        return _TEMPLATE.failed(
            'no template URL is set: links would end in "TemplateURL must be a supported URL"',
            "upload what `byoaws generate` prints to a public S3 object, and set template_url",
        )
    try:
        parse_template_url(vendor.template_url)
        published, ours = _content(source.read(vendor.template_url)), content_sha256(build(vendor))
    except (AccessDenied, NotFound, InvalidRequest) as error:
        return _TEMPLATE.failed(
            f"the published template cannot be read: {error}",
            error.hint or "upload what `byoaws generate` prints, so that anyone may read it",
            evidence=evidence_of(error),
        )
    except AwsError as error:
        return _TEMPLATE.unknown(
            f"could not read the published template: {error}", error.hint or "try again", evidence=evidence_of(error)
        )
    except ByoawsError as error:
        return _TEMPLATE.failed(str(error), error.hint)
    if published != ours:
        return _TEMPLATE.failed(
            "the published template differs from what we generate",
            "publish `byoaws generate` under a new key, and set template_url to it; never overwrite the old one",
        )
    return _TEMPLATE.passed("the published template is the one we generate")


def _content(body: bytes) -> str | None:
    """Hash of a published template; None where it is none that we would write."""
    import yaml

    try:
        text = body.decode("utf-8")
        if text.lstrip().startswith("{"):
            return content_sha256(json.loads(text))
        return content_sha256(yaml.safe_load(text)) if _is_plain(yaml.parse(text, Loader=yaml.SafeLoader)) else None
    except (ValueError, TypeError, AttributeError, RecursionError, yaml.YAMLError):
        return None


def _is_plain(events: Iterable[object]) -> bool:
    """False for YAML that we never write: a few lines of aliases stand for gigabytes, deep nesting takes minutes."""
    import yaml

    depth = 0
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > _DEEPEST:
            return False
    return True


def _store(open_store: Callable[[], Store]) -> ProbeResult:
    try:
        store = open_store()
        try:
            count = len(store.list())
        finally:
            store.close()
    except ByoawsError as error:
        return _STORE.failed(str(error), error.hint)
    return _STORE.passed(f"opens; {count} connection{'s' if count != 1 else ''}")
