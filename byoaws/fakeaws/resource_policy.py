"""Whether a resource's policy lets an AWS service do something, decided by byoaws's own evaluator.

MiniStack calls nothing as SES or SNS, so what acts beside it as one of them asks here first. Only a sure ALLOW counts.
"""

from dataclasses import dataclass

from byoaws.errors import PolicyError
from byoaws.iam.documents import parse
from byoaws.iam.evaluate import Outcome, Request, evaluate
from byoaws.iam.principals import service_principal


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCall:
    """One call that a service makes for somebody's resource."""

    service: str
    """For example `ses.amazonaws.com`."""
    action: str
    """For example `s3:PutObject`."""
    resource: str
    """ARN of what is acted on."""
    account: str
    """Whose resource the service acts for."""
    source: str
    """ARN of that resource: a receipt rule, a configuration set, a topic."""


def refusal(policy: str | None, call: ServiceCall) -> str | None:
    """Return why the policy does not let the service make the call; None if it does.

    Args:
        policy: The policy of `call.resource` as JSON; None where it has none.
        call: Who wants to do what.
    """
    if not policy:
        return "there is no policy that allows it"
    try:
        found = parse(policy)
    except PolicyError as error:
        return str(error)
    request = Request(
        principal=service_principal(call.service),
        action=call.action,
        resource=call.resource,
        context={
            "aws:SourceAccount": call.account,
            "aws:SourceArn": call.source,
            # Older forms of the two, which policies of long ago still ask for.
            "aws:SourceOwner": call.account,
            "aws:Referer": call.account,
            "aws:SecureTransport": "true",
            "aws:PrincipalServiceName": call.service,
            "aws:ViaAWSService": "false",
        },
        may_have=(),
    )
    decision = evaluate(found, request)
    return None if decision.outcome is Outcome.ALLOW else decision.reason
