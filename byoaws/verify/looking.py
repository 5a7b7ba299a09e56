"""What the probes that look at the stack's parts have in common: they may look only where a pack lets them."""

from byoaws.errors import AccessDenied
from byoaws.model import ProbeResult
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import evidence_of, failure_of
from byoaws.verify.interface import Facts


def not_allowed(answers: Answers, facts: Facts, error: AccessDenied, *, pack: str) -> ProbeResult:
    """The role may not look. FAIL where the stack was to allow it, else UNKNOWN: looking is not what makes it work.

    Args:
        answers: Of the probe.
        facts: Of the account.
        error: AWS's refusal of one action.
        pack: The pack that allows the action.
    """
    known = failure_of(error)
    causes = known.causes if known else ()
    if pack in facts.target.vendor.packs:
        return answers.failed(
            f"the role may not call {error.operation}, which the stack's pack '{pack}' allows",
            "the customer updates the stack to the newest template",
            causes=causes,
            evidence=evidence_of(error),
        )
    return answers.unknown(
        f"could not tell: the role may not call {error.operation}",
        f"the operator adds the pack '{pack}' to the vendor file, and the customers update their stacks; or takes "
        f"'{answers.name}' out of the vendor file's probes",
        causes=causes,
        evidence=evidence_of(error),
    )
