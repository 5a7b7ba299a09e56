"""Probe `key-identity`: whose keys are these, and are they not the account's root?"""

from byoaws.aws.questions import CALLER
from byoaws.errors import BadCredentials
from byoaws.model import Json, ProbeResult
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import evidence_of, failure_of
from byoaws.verify.interface import Facts, Probe

_ANSWERS = Answers("V401", "key-identity")
_CLOCK = ("F112", "F113")
"""The catalogue's."""


async def ask(facts: Facts) -> ProbeResult:
    """Ask STS who the keys belong to."""
    try:
        caller = await facts.ask(CALLER)
    except BadCredentials as error:
        if not error.code or _blames_the_clock(error):  # no keys, no such profile, or it is not the keys
            raise
        return _ANSWERS.failed(
            f"AWS does not accept the keys: {error}",
            error.hint or "give --profile with the keys of the user that the stack made",
            causes=(
                "the access key was deleted, made inactive or replaced",
                "the secret access key is not the one that belongs to the access key id",
                "the profile holds temporary credentials that have ended",
            ),
            evidence=evidence_of(error),
        )
    evidence: dict[str, Json] = {"account_id": caller.account_id, "arn": caller.arn}
    kind, _, name = caller.arn.split(":", 5)[-1].partition("/")
    if kind == "root":
        return _ANSWERS.failed(
            f"the keys are those of the root user of account {caller.account_id}, who may do everything",
            "delete the root user's access keys now, and use those of the user that the stack makes",
            evidence=evidence,
        )
    wanted = facts.target.vendor.user_name
    if kind == "user" and wanted and name.rsplit("/", 1)[-1] != wanted:
        return _ANSWERS.failed(
            f"the keys are those of user '{name}', but {facts.target.vendor.title} expects '{wanted}'",
            f"use the keys of user '{wanted}': its policy holds what is needed and nothing else",
            evidence=evidence,
        )
    return _ANSWERS.passed(f"{kind} '{name}' in account {caller.account_id}", evidence=evidence)


def _blames_the_clock(error: BadCredentials) -> bool:
    """AWS refuses any keys of a machine whose clock is wrong."""
    known = failure_of(error)
    return known is not None and known.code in _CLOCK


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="Whose keys are these?",
    needs=(),
    ask=ask,
)
