"""What the probes that look at the stack's parts have in common: a part may be out of sight, or gone."""

from byoaws.errors import AccessDenied, NotFound
from byoaws.model import ProbeResult
from byoaws.vendors.names import PACK_OF
from byoaws.vendors.words import plain
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import aws_says_gone, evidence_of, failure_of
from byoaws.verify.interface import Facts

_AGAIN = "the customer updates the stack with the same template; if that changes nothing, makes it anew"


def not_allowed(
    answers: Answers, facts: Facts, error: AccessDenied, *, pack: str = "", instead: str = ""
) -> ProbeResult:
    """The role may not look, so this could not be told.

    Never FAIL: the day that a vendor first wants to look, every customer's stack is of a template that does not allow
    it yet, and works.

    Args:
        answers: Of the probe.
        facts: Of the account.
        error: AWS's refusal of one action.
        pack: That would let it look; the probe's own, unless given.
        instead: What the operator does who does not want the pack.
    """
    pack = pack or PACK_OF[answers.name]
    instead = instead or f"takes '{answers.name}' out of the vendor file's probes"
    known = failure_of(error)
    fix = "the customer updates the stack to the newest template, which allows it"
    if pack not in facts.target.vendor.packs:
        fix = (
            f"the operator adds the pack '{pack}' to the vendor file, and the customers update their stacks; or "
            f"{instead}"
        )
    return answers.unknown(
        f"could not tell: the role may not call {error.operation}",
        fix,
        causes=known.causes if known else (),
        evidence=evidence_of(error),
    )


def gone(answers: Answers, error: NotFound, what: str, fix: str = _AGAIN) -> ProbeResult:
    """A part of the stack is not there.

    Raises:
        NotFound: it was not AWS that said so.
    """
    if not aws_says_gone(error):
        raise error
    return answers.failed(
        f"{what} is gone: {plain(error.aws_message or str(error), 200)}", fix, evidence=evidence_of(error)
    )
