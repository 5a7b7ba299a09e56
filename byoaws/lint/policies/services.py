"""AWS services that act for whoever asks them, and policies that let them do so: the confused deputy between services.

Only services are listed whose own documentation asks for aws:SourceAccount or aws:SourceArn in that kind of policy.
An ordinary execution role (trusted by Lambda, EC2, ECS tasks, Step Functions and the like) is not among them: such a
service takes a role only from somebody who may pass it (`iam:PassRole`), which nobody can across accounts.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from byoaws.lint.policies.statements import Document, Kind, Path, Said, documents
from byoaws.lint.policies.strangers import opens_by_service

# Sources: the "confused deputy" page, or the policy that is asked for, in each service's user guide: SES (receiving
# email; event destinations; Mail Manager policies), S3 (event notifications, server access logs), SNS (dead-letter
# queues, subscriptions), EventBridge, CloudWatch Logs, CloudWatch alarms, CloudTrail, AWS Config, AWS Budgets,
# CloudFront (origin access control), API Gateway, Cognito, EventBridge Scheduler, AWS IoT, Lambda (ECR), GuardDuty,
# Bedrock, Secrets Manager (rotation).
_IN_RESOURCE_POLICIES = frozenset(
    {
        *("apigateway", "bedrock", "budgets", "cloudfront", "cloudtrail", "cloudwatch", "cognito-idp", "config"),
        *("delivery.logs", "events", "guardduty", "iot", "lambda", "logging.s3", "logs", "s3", "scheduler"),
        *("secretsmanager", "ses", "sns"),
    }
)
# SES: "Permission policies for Mail Manager"; EventBridge Scheduler and Pipes: "Confused deputy prevention"; CloudWatch
# Logs: "Subscription filters"; Bedrock: "Service roles".
_IN_TRUST_POLICIES = frozenset({"bedrock", "logs", "pipes", "scheduler", "ses"})
_SERVICE = re.compile(r"(?P<name>[a-z0-9.-]+?)(?:\.[a-z]{2}(?:-[a-z]+)+-\d)?\.amazonaws\.com(?:\.cn)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfusedDeputy:
    """A statement that a service may use for anybody's account."""

    path: Path
    message: str
    fix: str


def confused_deputies(template: Mapping[str, Any]) -> list[ConfusedDeputy]:
    """Find the services that are let in for anybody: one mistake a statement, in whatever worlds it occurs."""
    found: dict[Path, ConfusedDeputy] = {}
    for document in documents(template, Kind.RESOURCE, Kind.TRUST):
        for said in document.statements:
            if said.path in found:
                continue
            names = [name for name in _services(document, said) if opens_by_service(document, said, name)]
            if names:
                found[said.path] = _deputy(document, said, names)
    return list(found.values())


def _services(document: Document, said: Said) -> Iterator[str]:
    """Yield the services that the statement names, and that must be narrowed in such a policy."""
    whom = said.parts.get("Principal")
    named = whom.get("Service", []) if isinstance(whom, Mapping) else []
    listed = _IN_TRUST_POLICIES if document.kind is Kind.TRUST else _IN_RESOURCE_POLICIES
    for one in named if isinstance(named, list) else [named]:
        service = _SERVICE.fullmatch(one) if isinstance(one, str) else None
        if service and service["name"] in listed:
            yield one


def _deputy(document: Document, said: Said, names: list[str]) -> ConfusedDeputy:
    who = " and ".join(f"'{name}'" for name in names)
    what = "assume the role" if document.kind is Kind.TRUST else "use it"
    message = f"'{document.resource}' lets {who} {what} for any AWS account, not for this one only{document.where}"
    if document.type == "AWS::Lambda::Permission":
        fix = "set SourceAccount to '!Ref AWS::AccountId', and SourceArn to the ARN of what invokes the function"
        if names == ["s3.amazonaws.com"]:
            # The bucket needs the permission first, as E9165 says.
            fix += ", with the bucket's name written out (a reference makes a circle)"
        return ConfusedDeputy(path=(*said.path, "Principal"), message=message, fix=fix)
    fix = (
        "add to the statement 'Condition: {StringEquals: {aws:SourceAccount: !Ref AWS::AccountId}}', or aws:SourceArn "
        "with the ARN of what calls"
    )
    return ConfusedDeputy(path=_place(said), message=message, fix=fix)


def _place(said: Said) -> Path:
    whom = said.written.get("Principal") if isinstance(said.written, Mapping) else None
    if isinstance(whom, Mapping) and "Service" in whom:
        return (*said.path, "Principal", "Service")
    return (*said.path, "Principal") if whom is not None else said.path
