"""Rules of a rule set: fetched, held against what is there now, and put back only where nobody changed them meanwhile.

UpdateRuleSet replaces every rule, and AWS offers no "only if unchanged". So the rule set is fetched again right before
the update and compared with the fingerprint of what was fetched, and once more after it. A change that somebody makes
in the milliseconds between the second fetch and the update is lost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from byoaws.errors import AwsError, InvalidRequest, Throttled, Unreachable, UsageError
from byoaws.flows.mail_manager.chosen import chosen
from byoaws.flows.mail_manager.outcome import CANNOT_TELL, FINE, NOT_FINE, Outcome
from byoaws.mail_manager.port import MailManager, RuleSet
from byoaws.mail_manager.rule_diff import difference
from byoaws.mail_manager.rule_file import Fetched, Owner, RuleFile
from byoaws.model import Json

_SHOWN = 5
_DRIFT = (
    "a stack that made this rule set does not know of the change: put it into the template, too, or the stack's next "
    "change of these rules takes it back"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """A rule set as it is now."""

    owner: Owner
    fetched: Fetched


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an update would do, or why it is not done."""

    refused: Outcome | None
    """None: it may be done."""
    diff: str
    """From what is there now to the file; of a change made elsewhere, from what was fetched to what is there now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated:
    """What came of an update."""

    outcome: Outcome
    now: Now | None
    """What is there after it; None where that was not told."""
    diff: str = ""
    """What is there beside what was sent, where that is another thing."""


def fetch(aws: MailManager, region: str, rule_set_id: str | None) -> Now:
    """Fetch a rule set: that of the id or name, else the only one.

    Raises:
        UsageError: there is none, or more than one; or AWS said something of it that an update would lose.
        AwsError: AWS did not answer.
    """
    found = chosen(aws.rule_sets(), rule_set_id, "rule set", "--rule-set")
    return now_of(aws, Owner(rule_set_id=found.id, account_id=aws.account_id(), region=region))


def now_of(aws: MailManager, owner: Owner) -> Now:
    """Fetch the rule set that is known.

    Raises:
        UsageError: AWS said something of it that an update would lose.
        AwsError: AWS did not answer.
    """
    answer = aws.rule_set(owner.rule_set_id)
    _require_known(answer)
    return Now(owner=owner, fetched=Fetched.of(answer))


def require_own(aws: MailManager, region: str, rule_set_id: str | None, file: RuleFile, source: str) -> None:
    """Refuse a file that is about another rule set, account or region.

    Raises:
        UsageError: it is.
        AwsError: AWS did not say whose account this is.
    """
    owner = file.owner
    for what, wanted, found in (
        ("rule set", rule_set_id or owner.rule_set_id, owner.rule_set_id),
        ("region", region, owner.region),
        ("account", aws.account_id(), owner.account_id),
    ):
        if wanted != found:
            raise UsageError(
                f"'{source}' is about {what} '{found}', and this is {what} '{wanted}'",
                hint="fetch the rule set that is meant: byoaws mail-manager rules fetch",
            )


def diff(aws: MailManager, file: RuleFile, source: str) -> tuple[Outcome, str]:
    """Return how a file differs from what is there now.

    Raises:
        AwsError: AWS did not answer.
    """
    now = now_of(aws, file.owner)
    shown = difference(now.fetched.body, file.body, before_is="there now", after_is=source)
    elsewhere = now.fetched.fingerprint != file.fingerprint
    data: dict[str, Json] = {
        "rule_set_id": file.owner.rule_set_id,
        "differs": bool(shown),
        "changed_elsewhere": elsewhere,
        "diff": shown,
    }
    todo = "it was changed elsewhere since it was fetched: an update is refused; fetch it anew" if elsewhere else ""
    if not shown:
        return Outcome(exit_code=FINE, message="no difference", todo=todo, data=data), shown
    return Outcome(exit_code=NOT_FINE, message="the file differs from what is there", todo=todo, data=data), shown


def plan(aws: MailManager, file: RuleFile, source: str, *, allow_empty: bool) -> Plan:
    """Look at what an update would do; nothing is changed.

    Raises:
        AwsError: AWS did not answer.
    """
    now = now_of(aws, file.owner)
    if now.fetched.fingerprint != file.fingerprint:
        return _changed_elsewhere(now, file, source)
    shown = difference(now.fetched.body, file.body, before_is="there now", after_is=source)
    empties = bool(now.fetched.rules) and not file.rules
    refused = None
    if not shown:
        refused = _refusal("nothing to do: the file says what is there", exit_code=FINE)
    elif empties and not allow_empty:
        refused = _refusal("not updated: every rule would be gone", todo="if that is meant: --allow-empty and --yes")
    return Plan(refused=refused, diff=shown)


def update(aws: MailManager, file: RuleFile, source: str, told: Callable[[], None] = lambda: None) -> Updated:
    """Put a file's rules in place of those that are there, if nobody changed these since they were fetched.

    Args:
        aws: Mail Manager of the file's account and region.
        file: Checked against AWS's model.
        source: The file's name.
        told: Called between the last fetch and the update; a place for tests to change the rules in.

    Raises:
        AwsError: AWS did not answer the fetch before; nothing was changed.
    """
    before = now_of(aws, file.owner)
    if before.fetched.fingerprint != file.fingerprint:
        refused = _changed_elsewhere(before, file, source)
        assert refused.refused is not None  # noqa: S101  always set there
        return Updated(outcome=refused.refused, now=before, diff=refused.diff)
    told()
    name = file.name if file.name != before.fetched.name else None
    failure: AwsError | None = None
    try:
        aws.update_rule_set(file.owner.rule_set_id, name, file.rules)
    except InvalidRequest as error:
        return Updated(outcome=_refusal(f"not updated: AWS refused the rules ({_said(error)})"), now=before)
    except (Throttled, Unreachable) as error:
        failure = error  # it may have arrived: what is there now tells
    return _confirmed(aws, file, before, source, failure)


def _confirmed(aws: MailManager, file: RuleFile, before: Now, source: str, failure: AwsError | None) -> Updated:
    try:
        after = now_of(aws, file.owner)
    except AwsError as error:
        todo = "byoaws mail-manager rules diff shows whether it was; do not update again before"
        message = f"could not tell whether it was updated: {failure or error}"
        return Updated(outcome=Outcome(exit_code=CANNOT_TELL, message=message, todo=todo), now=None)
    if after.fetched.says(file.name, file.rules):
        data: dict[str, Json] = {"updated": True, "rule_set_id": file.owner.rule_set_id, "rules": len(file.rules)}
        message = f"updated: {len(file.rules)} rule{'s' if len(file.rules) != 1 else ''}, read back as sent"
        return Updated(outcome=Outcome(exit_code=FINE, message=message, todo=_DRIFT, data=data), now=after)
    if failure and after.fetched.fingerprint == before.fetched.fingerprint:
        return Updated(outcome=_refusal(f"not updated: {failure}", exit_code=CANNOT_TELL, todo="try again"), now=after)
    shown = difference(file.body, after.fetched.body, before_is=source, after_is="there now")
    return Updated(
        outcome=_refusal(
            "what is there now is not what was sent: somebody changed it at the same moment",
            exit_code=CANNOT_TELL,
            todo="talk to whoever else changes it; then fetch it anew",
        ),
        now=after,
        diff=shown,
    )


def _changed_elsewhere(now: Now, file: RuleFile, source: str) -> Plan:
    if file.base is not None:
        shown = difference(file.base.body, now.fetched.body, before_is="as fetched", after_is="there now")
    else:
        shown = difference(file.body, now.fetched.body, before_is=source, after_is="there now")
    what = "what changed there is above" if file.base is not None else "what is there beside your file is above"
    if not shown:  # somebody put back what they had changed
        what = "it is as it was fetched"
    return Plan(
        refused=_refusal(
            f"not updated: it was changed elsewhere since it was fetched (last at {now.fetched.modified})",
            todo=f"{what}; fetch it anew into another file, and make your change there",
            changed_elsewhere=True,
        ),
        diff=shown,
    )


def _refusal(message: str, *, exit_code: int = NOT_FINE, todo: str = "", changed_elsewhere: bool = False) -> Outcome:
    data: dict[str, Json] = {"updated": False, "changed_elsewhere": changed_elsewhere}
    return Outcome(exit_code=exit_code, message=message, todo=todo, data=data)


def declined() -> Outcome:
    """Return what a no to the last question means."""
    return _refusal("not updated")


def _require_known(rule_set: RuleSet) -> None:
    if rule_set.unknown:
        raise UsageError(
            f"rule set '{rule_set.id}' holds what the installed boto3 does not know, and an update would lose: "
            + _listed(rule_set.unknown),
            hint="install a newer boto3: pip install -U boto3",
        )


def _listed(places: Sequence[str]) -> str:
    text = ", ".join(places[:_SHOWN]) + (" ..." if len(places) > _SHOWN else "")
    return "".join(char if char.isprintable() else "?" for char in text)


def _said(error: AwsError) -> str:
    return error.aws_message or error.code or error.message
