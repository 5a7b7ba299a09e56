"""A vendor's permissions in plain words: what each is for, on what, and what they add up to in the wrong hands."""

import re
from collections.abc import Iterator, Sequence

from byoaws.packs import Pack, PackStatement

_WORDS = {
    "${stack:bucket}": "<this stack's bucket>",
    "${stack:configuration-set}": "<this stack's own>",
    "${stack:webhook-secret}": "this stack's webhook secret",
    "${stack:forwarder}": "this stack's forwarder",
    "${stack:forwarder-dead-letters}": "this stack's queue of mail that could not be posted",
    "${stack:forwarder-alarm}": "this stack's alarm of mail that could not be posted",
    "${stack:event-dead-letters}": "this stack's queue of events that could not be delivered",
    "${stack:setup-function}": "this stack's function that changes receipt rules",
    "${stack:registration-function}": "this stack's function that reports it",
    "${AWS::StackId}": "this stack",
    "${stack:role}": "/<this role>",
    "${vendor:name}": "<this vendor's name>",
    "${vendor:role-path}": "/<this vendor's path>/",
    "${vendor:domain}": "<the domain>",
}
_ARN = re.compile(r"arn:[^:]*(?:::[^:]*)?:(?P<service>[a-z0-9-]+):(?P<region>[^:]*?):(?P<account>[^:]*?):(?P<rest>.+)")
_READS = re.compile(r"(?:BatchGet|Describe|Download|Filter|Get|Head|List|Lookup|Query|Scan|Search|Select|View)")

_KNOWN = {
    "ses:SendEmail": "send mail as any of the customer's verified domains and addresses",
    "ses:SendRawEmail": "send mail as any of the customer's verified domains and addresses",
    "ses:CreateEmailIdentity": "register and set up sending identities",
    "ses:TagResource": "register and set up sending identities",
    "ses:PutEmailIdentityMailFromAttributes": "register and set up sending identities",
    "ses:PutEmailIdentityConfigurationSetAttributes": "register and set up sending identities",
    "ses:VerifyDomainIdentity": "register and set up sending identities",
    "ses:VerifyDomainDkim": "register and set up sending identities",
    "ses:SetIdentityMailFromDomain": "register and set up sending identities",
    "ses:DeleteEmailIdentity": "remove sending identities, so that mail from them stops",
    "ses:DeleteIdentity": "remove sending identities, so that mail from them stops",
    "ses:StartAddressListImportJob": "put addresses on the lists by which mail is let in or refused",
    "ses:GetArchiveSearchResults": "see who wrote to whom, and about what, in every archive",
    "ses:StartArchiveExport": "copy whole messages of every archive into buckets that may be written to",
    "ses:UpdateRuleSet": "replace the rules by which received mail is kept, passed on, bounced or thrown away",
    "iam:PassRole": "let the service that is named act under the roles that are named",
    "ses:PutAccountDetails": "ask AWS for production access in the customer's name",
}
_KNOWN_OF_THE_STACK = {
    ("s3:GetObject", "${stack:bucket}"): "read the mail that the customer received",
    ("secretsmanager:GetSecretValue", "${stack:webhook-secret}"): "sign webhooks as if they came from this customer",
    ("lambda:InvokeFunction", "${stack:forwarder}"): "have mail that the customer received posted to the webhook again",
    ("sqs:DeleteMessage", "${stack:forwarder-dead-letters}"): "forget which mail could not be posted",
}


def in_words(resource: str) -> str:
    """Say what a resource of a pack is, for people."""
    if resource == "*":
        return "everything of that kind in the account"
    text = resource.replace("${AWS::Partition}", "aws").replace("${AWS::Region}", "here")
    text = text.replace("${AWS::AccountId}", "own")
    for variable, words in _WORDS.items():
        text = text.replace(variable, words)
    match = _ARN.fullmatch(text)
    if match is None:
        return text
    place = ", in the stack's region" if match["region"] == "here" else ""
    return f"{match['service']} {match['rest']}{place}"


def condition_in_words(statement: PackStatement) -> str:
    """Say when a statement applies; empty if always."""
    parts = [
        f"{key} {operator} {in_words(value)}"
        for operator, keys in (statement.condition or {}).items()
        for key, value in keys.items()
    ]
    return " and ".join(parts)


def reach(packs: Sequence[Pack]) -> tuple[str, ...]:
    """Say what somebody could do who holds the vendor's account, each thing once."""
    return tuple(dict.fromkeys([*_told(packs), *_others(packs)]))


def _told(packs: Sequence[Pack]) -> Iterator[str]:
    granted = {action for pack in packs for action in pack.actions()}
    for statement in (one for pack in packs for one in pack.statements):
        for grant in statement.grants:
            words = _known(grant.action, statement)
            if words and statement.condition:
                # A tag keeps nobody out who may set it.
                by_tag = "ses:TagResource" in granted and "aws:ResourceTag" in str(statement.condition)
                when = condition_in_words(statement)
                words += f" (where {when}{', a tag that it may set itself' if by_tag else ''})"
            if words:
                yield words


def _known(action: str, statement: PackStatement) -> str | None:
    for (name, variable), words in _KNOWN_OF_THE_STACK.items():
        if action == name and all(variable in resource for resource in statement.resources):
            return words
    return _KNOWN.get(action)


def _others(packs: Sequence[Pack]) -> Iterator[str]:
    """What no table of ours knows, by service and by whether its name says that it only reads."""
    found: dict[tuple[str, str], list[str]] = {}
    for statement in (one for pack in packs for one in pack.statements):
        for grant in statement.grants:
            service, _, name = grant.action.partition(":")
            if not _known(grant.action, statement):
                kind = "read" if _READS.match(name) else "change"
                found.setdefault((kind, service), []).append(name)
    for (kind, service), names in found.items():
        yield f"{kind} by {service}: {', '.join(dict.fromkeys(names))}"
