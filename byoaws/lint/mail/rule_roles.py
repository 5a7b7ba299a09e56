"""Roles that Mail Manager's rules act by, and what these roles lack.

Sources: botocore's service model `mailmanager` (the actions' RoleArn) and the SES developer guide, "Permission policies
for Mail Manager". Silent where the role is elsewhere, or where the template does not show all its policies.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from byoaws.iam.patterns import alike
from byoaws.lint.mail.bucket_grants import reaches
from byoaws.lint.policies.principals import permissions_of_roles
from byoaws.lint.policies.statements import Document, Kind, documents
from byoaws.lint.worlds.expand import World
from byoaws.lint.worlds.likely import worlds
from byoaws.lint.worlds.order import mentions
from byoaws.lint.worlds.references import referred
from byoaws.lint.worlds.walk import Mistake, Spot, has_macros, named, properties

_RULE_SET, _ROLE = "AWS::SES::MailManagerRuleSet", "AWS::IAM::Role"
_SERVICE = "ses.amazonaws.com"
# Kind of action to what it calls.
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "WriteToS3": ("s3:PutObject", "s3:ListBucket"),
    "Send": ("ses:SendEmail", "ses:SendRawEmail"),
    "PublishToSns": ("sns:Publish",),
    "InvokeLambda": ("lambda:InvokeFunction",),
    "DeliverToMailbox": ("workmail:DeliverToMailbox",),
    "Bounce": ("ses:SendBounce",),
}
_ON = {"s3:PutObject": " on the bucket's objects ('bucket/*')", "s3:ListBucket": " on the bucket itself"}
_TRUST = (
    f"allow sts:AssumeRole to 'Principal: {{Service: {_SERVICE}}}' with 'Condition: {{StringEquals: "
    "{aws:SourceAccount: !Ref AWS::AccountId}}'"
)


def weak_roles(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the roles of rule actions that SES cannot assume, or that do not permit the action; each fault once."""
    if not named(template, _RULE_SET) or not named(template, _ROLE) or has_macros(template):
        return []
    roles = _Roles(template)
    found: dict[tuple[str, str], Mistake] = {}
    for name in named(template, _RULE_SET):
        for _, mistakes in worlds(template, partial(roles.mistakes_in, name)):
            for key, mistake in mistakes:
                found.setdefault(key, mistake)
    return list(found.values())


def _actions(spot: Spot) -> Iterator[tuple[str, Spot]]:
    for rule in spot.at("Rules").items():
        for action in rule.at("Actions").items():
            for kind in action.entries():
                if kind in _NEEDS:
                    yield kind, action.at(kind)


class _Roles:
    """The roles of one template."""

    def __init__(self, template: Mapping[str, Any]) -> None:
        self._template = template
        self._permissions = permissions_of_roles(template)

    def mistakes_in(self, rule_set: str, world: World) -> list[tuple[tuple[str, str], Mistake]]:
        """Return what the roles of a rule set's actions lack, each with what makes it the same fault elsewhere."""
        found, spot = [], properties(world, rule_set)
        for kind, settings in _actions(spot) if spot else ():
            at = settings.at("RoleArn")
            role, attribute = referred(at.written)
            if attribute == "Arn" and role in self._permissions:
                found += [((role, key), mistake) for key, mistake in self._mistakes(role, kind, settings, at)]
        return found

    def _mistakes(self, role: str, kind: str, settings: Spot, at: Spot) -> Iterator[tuple[str, Mistake]]:
        if self._is_closed_to_ses(role):
            trust = ("Resources", role, "Properties", "AssumeRolePolicyDocument")
            message = f"role '{role}' acts for Mail Manager's rules, and does not let {_SERVICE} assume it"
            yield "trust", Mistake(path=trust, message=message, fix=_TRUST)
        needs = _NEEDS[kind]
        if kind == "WriteToS3" and not settings.at("S3SseKmsKeyId").is_absent:
            needs = (*needs, "kms:GenerateDataKey")
        missing = [action for action in needs if self._lacks(role, action)]
        if missing:
            names = " and ".join(f"'{action}'{_ON.get(action, '')}" for action in missing)
            message = f"'{kind}' needs {names}, which role '{role}' does not permit"
            yield " ".join(missing), Mistake(path=at.path, message=message, fix=f"add {names} to the role's policy")

    def _lacks(self, role: str, action: str) -> bool:
        held = self._permissions[role]
        if not held.grants(action):
            return True
        if held.is_unknown or action not in _ON or held.all_but:
            return False
        grants = [one for document in self._documents(role) for one in _allowing(document, action)]
        return bool(grants) and not any(grants)

    def _documents(self, role: str) -> Iterator[Document]:
        """Yield the policies that the role has, and some that it may have."""
        resources = self._template["Resources"]
        attached = set(mentions(resources[role]))
        for document in documents(self._template, Kind.IDENTITY):
            own = document.resource in {role, *attached}
            if own or (document.type != _ROLE and role in mentions(resources[document.resource])):
                yield document

    def _is_closed_to_ses(self, role: str) -> bool:
        """True if the role's trust policy can be read, and lets SES in nowhere."""
        found = [document for document in documents(self._template, Kind.TRUST) if document.resource == role]
        said = [one.parts for document in found for one in document.statements]
        return bool(said) and not any(_lets_ses_in(statement) for statement in said)


def _lets_ses_in(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    if statement.get("Effect") == "Deny" or not _covers(statement, "sts:AssumeRole"):
        return False
    services = principal.get("Service", []) if isinstance(principal, Mapping) else principal
    texts = services if isinstance(services, list) else [services]
    # A stand-in may be anything.
    return any(isinstance(text, str) and (text in (_SERVICE, "*") or "opaque-" in text) for text in texts)


def _allowing(document: Document, action: str) -> Iterator[bool]:
    """Yield, for each statement that allows the action, whether it may do so for the right kind of resource."""
    for statement in document.statements:
        if statement.parts.get("Effect") != "Deny" and _covers(statement.parts, action):
            yield reaches(document.world, statement.parts.get("Resource"), is_bucket=action == "s3:ListBucket")


def _covers(statement: Mapping[str, Any], action: str) -> bool:
    written = statement.get("Action")
    patterns = written if isinstance(written, list) else [written]
    return any(
        "opaque-" in pattern or alike(pattern.lower(), action.lower())
        for pattern in patterns
        if isinstance(pattern, str)
    )
