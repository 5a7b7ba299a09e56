"""What the account holds under names that the stack uses: stacks, roles, configuration sets, identities."""

import re
from collections.abc import Iterable, Mapping

from byoaws.errors import NotFound
from byoaws.flows.preflight.subject import Check, Found, Subject
from byoaws.flows.region import needs_ses
from byoaws.lifecycle.answer import inside, objects
from byoaws.lifecycle.preflight import Advice
from byoaws.model import Json
from byoaws.vendor_model import Access
from byoaws.vendors.words import plain
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import aws_says_gone

_STACK = Answers("P103", "stacks")
_ROLE = Answers("P104", "fixed-name")
_SETS = Answers("P106", "configuration-sets")
_IDENTITIES = Answers("P107", "identities")
_STUCK = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS")
"""Statuses of a stack that can only be deleted. Source: CloudFormation user guide, "Stack status codes"."""
_MOST_SHOWN = 5
_PARAMETER = "ExistingConfigurationSetName"
_DOMAIN, _EXISTING_IDENTITY = "DomainName", "ExistingIdentityName"


def listed(names: Iterable[str]) -> str:
    """Name a few, fit for a terminal, and count the rest."""
    all_of_them = sorted(names)
    shown = ", ".join(f"'{plain(name, 100)}'" for name in all_of_them[:_MOST_SHOWN])
    more = len(all_of_them) - _MOST_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def output(stack: Mapping[str, Json], name: str) -> str | None:
    """Return an output of a stack, as DescribeStacks has it."""
    values = (
        inside(item, str, "OutputValue") for item in objects(stack, "Outputs") if inside(item, str, "OutputKey") == name
    )
    return next(values, None)


def _of_vendor(subject: Subject) -> dict[str, Mapping[str, Json]]:
    """The vendor's stacks that are there, by name."""
    ours = subject.template["Description"]
    return {
        inside(stack, str, "StackName") or "?": stack
        for stack in objects(subject.stacks)
        if inside(stack, str, "Description") == ours
    }


def _stacks(subject: Subject) -> Found:
    names = {inside(stack, str, "StackName"): stack for stack in objects(subject.stacks)}
    taken, ours = names.get(subject.stack_name), _of_vendor(subject)
    advice = _free_name(subject, names) if taken is not None else ()
    if taken is not None and (status := inside(taken, str, "StackStatus")) in _STUCK:
        return Found(
            result=_STACK.failed(
                f"a stack '{subject.stack_name}' is there in {status}, so none of that name can be made",
                "delete it in CloudFormation, or give the new one another name",
            ),
            advice=advice,
        )
    if ours:
        versions = (
            f"{name} ({output(stack, 'TemplateVersion') or 'version not known'})" for name, stack in ours.items()
        )
        return Found(
            result=_STACK.warned(
                f"{subject.vendor.title} has {len(ours)} stack{'s' if len(ours) > 1 else ''} here already: "
                f"{listed(versions)}; its template is {subject.vendor.stack.version} now",
                "upgrade that one (byoaws runbook upgrade-stack), unless a second connection is meant",
            ),
            advice=advice,
        )
    if taken is not None:
        return Found(
            result=_STACK.failed(
                f"a stack '{subject.stack_name}' is there, and it is not {subject.vendor.title}'s",
                "give the new one another name",
            ),
            advice=advice,
        )
    return Found(result=_STACK.passed(f"no stack '{subject.stack_name}', and none of {subject.vendor.title}"))


def _free_name(subject: Subject, names: Mapping[str | None, object]) -> tuple[Advice, ...]:
    free = next(name for n in range(2, len(names) + 3) if (name := f"{subject.stack_name}-{n}") not in names)
    return (Advice(parameter="StackName", value=free, why=f"'{subject.stack_name}' is taken"),)


def _fixed_name(subject: Subject) -> Found:
    vendor = subject.vendor
    role = vendor.access is Access.ROLE
    name, kind = (vendor.role_name, "role") if role else (vendor.user_name, "user")
    try:
        if role:
            subject.reader.ask("iam", "get_role", RoleName=name)
        else:
            subject.reader.ask("iam", "get_user", UserName=name)
    except NotFound as error:
        if not aws_says_gone(error):
            raise
        return Found(result=_ROLE.passed(f"no {kind} '{name}' is there yet"))
    return Found(
        result=_ROLE.failed(
            f"the account has a {kind} '{name}' already, and {vendor.title}'s stack makes one of that name",
            f"if it was made by hand for {vendor.title}, keep it and make no stack; if nothing uses it, delete it",
        )
    )


def _sets(subject: Subject) -> Found:
    names = subject.reader.every("sesv2", "list_configuration_sets", "ConfigurationSets")
    texts = [name for name in names if isinstance(name, str)]
    used = {output(stack, "ConfigurationSetName") for stack in objects(subject.stacks)}
    pattern = re.compile(rf"{re.escape(prefix(subject))}(-[0-9a-f]{{8}})?")
    left = [name for name in texts if pattern.fullmatch(name) and name not in used]
    if left:
        advice = _adopt(subject, left)
        return Found(
            result=_SETS.warned(
                f"configuration sets of {subject.vendor.title} that no stack holds: {listed(left)}",
                "the stack makes one of its own beside them; delete what nothing uses"
                + (f", or have the stack join one by {_PARAMETER}" if advice else ""),
            ),
            advice=advice,
        )
    return Found(
        result=_SETS.passed(
            f"{len(texts)} configuration set{'' if len(texts) == 1 else 's'}, none in the way",
            evidence={"count": len(texts)},
        )
    )


def _adopt(subject: Subject, left: list[str]) -> tuple[Advice, ...]:
    if _PARAMETER not in subject.template.get("Parameters", {}) or len(left) != 1:
        return ()
    return (Advice(parameter=_PARAMETER, value=plain(left[0]), why="to go on with it; empty makes a new one"),)


def prefix(subject: Subject) -> str:
    """What the names of the vendor's resources begin with."""
    return subject.vendor.name[:22].rstrip("-")


def _identities(subject: Subject) -> Found:
    found = list(objects(subject.reader.every("sesv2", "list_email_identities", "EmailIdentities", PageSize=1000)))
    domains = [inside(item, str, "IdentityName") or "?" for item in found if item.get("IdentityType") == "DOMAIN"]
    if not domains:
        needs = "may register one" if subject.has("identity") else "needs none"
        return Found(
            result=_IDENTITIES.passed(f"no domain is registered with SES yet; the stack {needs}"),
            advice=_first_domain(subject, domains),
        )
    return Found(
        result=_IDENTITIES.passed(
            f"SES has {len(domains)} domain{'' if len(domains) == 1 else 's'}, left as it is: {listed(domains)}",
            evidence={"domains": [plain(name) for name in sorted(domains)[:100]]},
        ),
        advice=_first_domain(subject, domains),
    )


def _first_domain(subject: Subject, domains: list[str]) -> tuple[Advice, ...]:
    """What to say of the stack's own domain: CloudFormation fails on one that SES has."""
    if not subject.has("identity"):
        return ()
    if not domains:
        return (Advice(parameter=_DOMAIN, value=None, why="a domain to send from; empty registers none now"),)
    only = plain(domains[0]) if len(domains) == 1 else None
    return (
        Advice(parameter=_EXISTING_IDENTITY, value=only, why=f"to send from {listed(domains)}, which SES has already"),
        Advice(parameter=_DOMAIN, value="", why="a domain that SES has already would make the stack fail"),
    )


def _has_fixed_name(subject: Subject) -> bool:
    vendor = subject.vendor
    return bool(vendor.role_name if vendor.access is Access.ROLE else vendor.user_name)


STACKS = Check(code="P103", name="stacks", title="Is there such a stack already?", ask=_stacks)
FIXED_NAME = Check(
    code="P104",
    name="fixed-name",
    title="Is the name free that the vendor's role or user must have?",
    ask=_fixed_name,
    applies=_has_fixed_name,
)
CONFIGURATION_SETS = Check(
    code="P106",
    name="configuration-sets",
    title="Are there configuration sets of an earlier stack?",
    ask=_sets,
    applies=lambda subject: subject.has("sending"),
)
IDENTITIES = Check(
    code="P107",
    name="identities",
    title="Which domains does SES have?",
    ask=_identities,
    applies=lambda subject: needs_ses(subject.vendor),
)
