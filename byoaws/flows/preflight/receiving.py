"""How the account receives mail now, and what the stack would do there."""

from collections.abc import Mapping

from byoaws.flows.preflight.names import listed
from byoaws.flows.preflight.subject import Check, Found, Subject
from byoaws.lifecycle.answer import inside, objects
from byoaws.lifecycle.preflight import Advice
from byoaws.model import Json
from byoaws.vendor_model import Inbound
from byoaws.vendors.words import plain
from byoaws.verify.answers import Answers

_RULES = Answers("P108", "receipt-rules")
_POINTS = Answers("P113", "ingress-points")
RULE_SETS, RULES = 40, 200
"""Receipt rule sets of an account, rules of a set. Source: SES developer guide, "Service quotas in Amazon SES"."""
_RECIPIENTS = "InboundRecipients"


def _rules(subject: Subject) -> Found:
    name = subject.active_rule_set_name
    if name is None:
        return _none_active(subject)
    rules = list(objects(subject.active_rule_set, "Rules"))
    shown = f"rule set '{plain(name, 100)}' is active, with {len(rules)} rule{'' if len(rules) == 1 else 's'}"
    if len(rules) >= RULES:
        return Found(
            result=_RULES.failed(
                f"{shown}: AWS allows {RULES}, so the stack's would not fit",
                "take out rules that nothing needs, or ask AWS for more",
            )
        )
    catches = [inside(rule, str, "Name") or "?" for rule in rules if _ends_all(rule)]
    evidence: dict[str, Json] = {"active": plain(name), "rules": len(rules)}
    stored = _stored_in(rules)
    if stored:
        evidence["stored_in"] = [plain(bucket) for bucket in stored]
    advice = Advice(
        parameter=_RECIPIENTS,
        value=None,
        why="the domains or addresses whose mail goes to the stack; left empty it receives for nobody, since another "
        "rule set is active",
    )
    if catches:
        return Found(
            result=_RULES.warned(
                f"{shown}; {listed(catches)} ends every message before the stack's rule, which comes last",
                f"set {_RECIPIENTS}, and move that rule behind the stack's, or limit it to its own recipients",
                evidence=evidence,
            ),
            advice=(advice,),
        )
    return Found(
        result=_RULES.warned(
            f"{shown}: the stack adds its rule at the end of it, and changes nothing else{_beside(stored)}",
            f"set {_RECIPIENTS} to the domains that the stack is to receive for",
            evidence=evidence,
        ),
        advice=(advice,),
    )


def _none_active(subject: Subject) -> Found:
    sets = list(objects(subject.reader.every("ses", "list_receipt_rule_sets", "RuleSets")))
    if len(sets) >= RULE_SETS:
        return Found(
            result=_RULES.failed(
                f"the account has {len(sets)} receipt rule sets, and AWS allows {RULE_SETS}",
                "delete one that nothing needs",
            )
        )
    return Found(
        result=_RULES.passed(
            f"no rule set is active ({len(sets)} there): the stack makes and activates one of its own",
            evidence={"active": None, "rule_sets": len(sets)},
        ),
        advice=(Advice(parameter=_RECIPIENTS, value="", why="empty: mail for all verified domains"),),
    )


def _stored_in(rules: list[Mapping[str, Json]]) -> list[str]:
    """Buckets that the rules store mail in."""
    found = {
        inside(action, str, "S3Action", "BucketName")
        for rule in rules
        for action in objects(rule, "Actions")
        if "S3Action" in action
    }
    return sorted(name for name in found if name)


def _beside(stored: list[str]) -> str:
    if not stored:
        return ""
    return f". Mail goes on into {listed(stored)} as well: the stack's rule stores its own copy, in a bucket of its own"


def _ends_all(rule: Mapping[str, Json]) -> bool:
    """True for a rule for everybody that stops: no rule after it sees a message."""
    if inside(rule, bool, "Enabled") is False or list(inside(rule, list, "Recipients") or ()):
        return False
    return any("StopAction" in action or "BounceAction" in action for action in objects(rule, "Actions"))


def _points(subject: Subject) -> Found:
    points = list(objects(subject.reader.every("mailmanager", "list_ingress_points", "IngressPoints")))
    names = [inside(point, str, "IngressPointName") or "?" for point in points]
    beside = f"; {len(names)} are there already: {listed(names)}" if names else ""
    return Found(result=_POINTS.passed(f"the stack makes ingress points of its own and shares nothing{beside}"))


RECEIPT_RULES = Check(
    code="P108",
    name="receipt-rules",
    title="Does another receipt rule set take the mail?",
    ask=_rules,
    applies=lambda subject: subject.has("inbound") and subject.vendor.inbound is Inbound.RECEIPT_RULES,
)
INGRESS_POINTS = Check(
    code="P113",
    name="ingress-points",
    title="Does Mail Manager receive already?",
    ask=_points,
    applies=lambda subject: subject.has("inbound") and subject.vendor.inbound is Inbound.MAIL_MANAGER,
)
