"""What SES refuses in a receipt rule, and the CloudFormation schema does not.

Sources: SES API, ReceiptAction ("An instance of this data type can represent only one action"), ReceiptRule, S3Action
(KmsKeyArn); SES quotas (10 actions and 100 recipients a rule).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from byoaws.lint.worlds.walk import Mistake, Spot, mistakes_in

KIND = "AWS::SES::ReceiptRule"

_MOST_ACTIONS = 10
_MOST_RECIPIENTS = 100
_LONGEST_NAME = 64


def refused_rules(template: Mapping[str, Any]) -> list[Mistake]:
    """Find what makes SES refuse a rule: an action object with no action or two, and too much of anything."""
    return mistakes_in(template, [KIND], _refused)


def _refused(name: str, spot: Spot) -> Iterator[Mistake]:
    rule = spot.at("Rule")
    actions = rule.at("Actions").items()
    for action in actions:
        yield from _not_one(name, action)
    if len(actions) > _MOST_ACTIONS:
        yield Mistake(
            path=actions[_MOST_ACTIONS].path,
            message=f"receipt rule '{name}' has {len(actions)} actions; SES takes {_MOST_ACTIONS}",
            fix="put the rest into a second rule, with 'After' naming this one",
        )
    recipients = rule.at("Recipients").items()
    if len(recipients) > _MOST_RECIPIENTS:
        yield Mistake(
            path=recipients[_MOST_RECIPIENTS].path,
            message=f"receipt rule '{name}' has {len(recipients)} recipients; SES takes {_MOST_RECIPIENTS}",
            fix="name the domain in place of its addresses, or put the rest into a second rule",
        )
    given = rule.at("Name")
    text = None if given.is_absent else given.text()
    if text is not None and len(text) > _LONGEST_NAME:
        yield Mistake(
            path=given.path,
            message=f"receipt rule '{name}' has a name of {len(text)} characters; SES takes {_LONGEST_NAME}",
            fix="shorten the name, or leave it out: CloudFormation makes one",
        )


def _not_one(name: str, action: Spot) -> Iterator[Mistake]:
    if not action.is_object:
        return
    kinds = list(action.entries())
    if not kinds:
        yield Mistake(
            path=action.path,
            message=f"receipt rule '{name}' has an entry in Actions that holds no action",
            fix="put one action there, such as S3Action, or take the entry out",
        )
    for extra in kinds[1:]:
        yield Mistake(
            path=(*action.path, extra),
            message=f"receipt rule '{name}' has {extra} in one entry of Actions with {kinds[0]}; SES takes one",
            fix=f"begin a new entry of Actions at {extra}: '- {extra}:'",
        )


def client_side_encryption(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the S3 actions that store messages in a form that few programs can read."""
    return mistakes_in(template, [KIND], _encrypted)


def _encrypted(name: str, spot: Spot) -> Iterator[Mistake]:
    for action in spot.at("Rule", "Actions").items():
        key = action.at("S3Action", "KmsKeyArn")
        if action.is_object and action.at("S3Action").is_object and not key.is_absent and key.value() != "":
            message = (
                f"receipt rule '{name}' has SES encrypt each message itself before S3 sees it: without the S3 "
                "encryption client (Java and Ruby have one that fits) the objects look corrupt"
            )
            yield Mistake(path=key.path, message=message)
