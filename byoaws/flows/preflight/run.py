"""Ask everything, in order, and put together what it means. Nothing is changed: the port can only look."""

import re
from collections.abc import Callable

from byoaws.errors import AccessDenied, AwsError, UsageError
from byoaws.flows.preflight import account, buckets, names, permissions, quotas, receiving
from byoaws.flows.preflight.subject import Check, Found, Subject
from byoaws.lifecycle.answer import inside
from byoaws.lifecycle.port import Reader
from byoaws.lifecycle.preflight import Preflight
from byoaws.regions import require_aws_region
from byoaws.templates.stack import build
from byoaws.vendor_model import Vendor
from byoaws.vendors.words import plain
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import evidence_of

CHECKS: tuple[Check, ...] = (
    account.CALLER,
    account.REGION,
    names.STACKS,
    names.FIXED_NAME,
    quotas.ROLES,
    names.CONFIGURATION_SETS,
    names.IDENTITIES,
    receiving.RECEIPT_RULES,
    buckets.BUCKETS,
    account.SES,
    quotas.CONCURRENCY,
    permissions.PERMISSIONS,
    receiving.INGRESS_POINTS,
)
"""In the order in which they are shown."""

_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}", re.ASCII)
_SCP = re.compile(r"\b(service control policy|resource control policy)\b", re.IGNORECASE)
"""As AWS names an organization's. Source: IAM user guide, "Troubleshoot access denied error messages"."""


def preflight(
    vendor: Vendor, open_reader: Callable[[], Reader], *, region: str, stack_name: str | None = None
) -> Preflight:
    """Look at an account before the stack is made in it.

    Raises:
        UsageError, PolicyError: no such region, no name for a stack, or the vendor's stack cannot be built; nothing
            was asked then.
        AwsError: AWS did not say who asks, so nothing else was asked.
    """
    require_aws_region(region)
    name = stack_name or vendor.stack.name
    if not _STACK_NAME.fullmatch(name):
        raise UsageError(
            f"'{plain(name, 60)}' is no name for a stack", hint="a letter, then letters, digits and hyphens"
        )
    template, reader = build(vendor), open_reader()
    caller = reader.ask("sts", "get_caller_identity")
    subject = Subject(
        vendor=vendor,
        region=region,
        stack_name=name,
        reader=reader,
        account_id=inside(caller, str, "Account") or "?",
        arn=inside(caller, str, "Arn") or "?",
        template=template,
    )
    found = [_ask(check, subject) for check in CHECKS if check.applies(subject)]
    return Preflight(
        vendor=vendor.name,
        account_id=subject.account_id,
        region=region,
        stack_name=name,
        checks=tuple(one.result for one in found),
        advice=tuple(advice for one in found for advice in one.advice),
    )


def _ask(check: Check, subject: Subject) -> Found:
    answers = Answers(check.code, check.name)
    try:
        return check.ask(subject)
    except AwsError as error:
        evidence = evidence_of(error)
        if isinstance(error, AccessDenied) and _SCP.search(error.aws_message):
            return _denied_by_organization(answers, error, subject)
        fix = error.hint or "try again"
        if isinstance(error, AccessDenied):
            fix = f"allow {error.operation} to the caller, or look in the console"
        return Found(result=answers.unknown(f"could not tell: {plain(str(error), 300)}", fix, evidence=evidence))


def _denied_by_organization(answers: Answers, error: AccessDenied, subject: Subject) -> Found:
    """A call that the stack needs itself fails there for certain; of any other nothing can be told."""
    needed = {action for statement in permissions.needed(subject) for action in statement["Action"]}
    said = f"a policy of the organization denies {error.operation} in {subject.region}"
    fix = "only who administers the organization can allow it; or choose a region that it allows"
    if error.operation in needed:
        return Found(result=answers.failed(f"{said}, and the stack needs it", fix, evidence=evidence_of(error)))
    return Found(result=answers.unknown(f"could not tell: {said}", fix, evidence=evidence_of(error)))
