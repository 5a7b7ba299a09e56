"""Probe `stack`: is the stack that made the role whole, and of the newest template?"""

from byoaws.errors import AccessDenied, InvalidRequest
from byoaws.lifecycle.age import newest_version
from byoaws.lifecycle.stack import order
from byoaws.model import Json, ProbeResult
from byoaws.vendors.words import plain
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import evidence_of
from byoaws.verify.interface import Facts, Probe
from byoaws.verify.looking import not_allowed
from byoaws.verify.stack import Stack, name_of, stack_of

_ANSWERS = Answers("V501", "stack")
# Source: CloudFormation user guide, "Stack status codes".
_WHOLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")
_BROKEN = (
    "CREATE_FAILED",
    "DELETE_COMPLETE",
    "DELETE_FAILED",
    "IMPORT_ROLLBACK_FAILED",
    "ROLLBACK_COMPLETE",
    "ROLLBACK_FAILED",
    "UPDATE_ROLLBACK_FAILED",
)
_AS_BEFORE = ("UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE", "UPDATE_FAILED")


async def ask(facts: Facts) -> ProbeResult:
    """Ask CloudFormation for the stack, its resources, which names the version of its template."""
    try:
        stack = await stack_of(facts)
    except AccessDenied as error:
        return not_allowed(_ANSWERS, facts, error)
    except InvalidRequest as error:
        if "does not exist" not in error.aws_message:
            raise
        # Its role is there, so it may well be that the customer gave the stack another name.
        return _ANSWERS.unknown(
            f"there is no stack '{name_of(facts)}' in {facts.target.region}",
            "if the customer deleted it, end the connection: byoaws disconnect; under another name, connect anew",
            causes=("the customer gave the stack another name", "the stack was deleted, and its role was kept"),
            evidence=evidence_of(error),
        )
    return _of_role(facts, stack) or _by_status(stack) or _by_age(facts, stack)


def _evidence(stack: Stack) -> dict[str, Json]:
    return {
        "stack_id": stack.state.stack_id,
        "stack_status": stack.state.status,
        "template_version": _version(stack),
        "drift_status": stack.state.drift_status,
    }


def _version(stack: Stack) -> str | None:
    found = stack.state.outputs.get("TemplateVersion", "")
    return found if order(found) else None


def _of_role(facts: Facts, stack: Stack) -> ProbeResult | None:
    if stack.state.outputs.get("RoleArn") == facts.target.role_arn:
        return None
    return _ANSWERS.unknown(
        f"the stack '{name_of(facts)}' did not make the role that we are under",
        "the customer gave the stack another name: compare with the console, then connect anew from a new link",
        evidence=_evidence(stack),
    )


def _by_status(stack: Stack) -> ProbeResult | None:
    status, evidence = stack.state.status, _evidence(stack)
    if status.endswith("_IN_PROGRESS"):
        return _changing(status, evidence)
    if status in _AS_BEFORE:
        return _ANSWERS.warned(
            f"the stack's last change failed ({status}); what was there before still is",
            "the customer reads the stack's events, mends what they name, and updates it again",
            evidence=evidence,
        )
    if status in _BROKEN:
        return _ANSWERS.failed(
            f"the stack is not whole ({status})",
            "the customer reads the stack's events, then deletes it and makes it anew from a new link",
            evidence=evidence,
        )
    if status not in _WHOLE:
        return _ANSWERS.unknown(
            f"the stack is in a state that byoaws does not know ({plain(status)})", "upgrade byoaws", evidence=evidence
        )
    return _by_parts(stack, evidence)


def _by_parts(stack: Stack, evidence: dict[str, Json]) -> ProbeResult | None:
    parts = stack.resources.values()
    missing = [one.name for one in parts if one.status.endswith(("_FAILED", "_SKIPPED"))]
    if missing:
        return _ANSWERS.failed(
            f"parts of the stack are not there: {', '.join(sorted(missing))}",
            "the customer updates the stack with the same template, which makes them anew",
            evidence=evidence,
        )
    # The stack is asked first, its parts then: a change may have begun between.
    changing = [one.status for one in parts if not one.status.endswith("_COMPLETE")]
    return _changing(changing[0], evidence) if changing else None


def _changing(status: str, evidence: dict[str, Json]) -> ProbeResult:
    return _ANSWERS.unknown(
        f"the stack is being changed ({plain(status)})", "verify again when it is done", evidence=evidence
    )


def _by_age(facts: Facts, stack: Stack) -> ProbeResult:
    version, newest = _version(stack), newest_version(facts.target.vendor)
    evidence = _evidence(stack)
    if stack.state.drift_status == "DRIFTED":
        return _ANSWERS.warned(
            "CloudFormation says that the stack was changed by hand",
            "byoaws connections drift ID says what differs",
            evidence=evidence,
        )
    if version and newest and order(version) < order(newest):
        return _ANSWERS.warned(
            f"the stack has version {version} of the template; the newest is {newest}",
            "byoaws connections upgrade ID says what would change, and how",
            evidence=evidence,
        )
    return _ANSWERS.passed(f"the stack is whole ({stack.state.status})", evidence=evidence)


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="Is the stack whole, and of the newest template?",
    needs=("assume-role",),
    ask=ask,
)
