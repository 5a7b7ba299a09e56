"""Whether the account's quotas have room for the stack."""

from byoaws.flows.preflight.subject import Check, Found, Subject
from byoaws.lifecycle.answer import inside
from byoaws.verify.answers import Answers

_ROLES = Answers("P105", "iam-quota")
_LAMBDA = Answers("P111", "lambda-concurrency")
_FEW = 10
"""What new accounts have, until AWS raises it. Source: Lambda developer guide, "Lambda quotas"."""


def _roles(subject: Subject) -> Found:
    summary = subject.reader.ask("iam", "get_account_summary")
    needed = subject.count("AWS::IAM::Role")
    used, quota = inside(summary, int, "SummaryMap", "Roles"), inside(summary, int, "SummaryMap", "RolesQuota")
    if used is None or quota is None:
        return Found(result=_ROLES.unknown("IAM did not say how many roles there are", "try again"))
    if quota - used < needed:
        return Found(
            result=_ROLES.failed(
                f"{used} of {quota} IAM roles are there, and the stack makes {needed} more",
                "delete roles that nothing uses, or ask AWS for more",
            )
        )
    return Found(result=_ROLES.passed(f"{used} of {quota} IAM roles are there; the stack makes {needed}"))


def _concurrency(subject: Subject) -> Found:
    settings = subject.reader.ask("lambda", "get_account_settings")
    free = inside(settings, int, "AccountLimit", "UnreservedConcurrentExecutions")
    if free is None:
        return Found(result=_LAMBDA.unknown("Lambda did not say how many executions are free", "try again"))
    if free < 1:
        return Found(
            result=_LAMBDA.failed(
                "all of Lambda's concurrent executions are reserved, so the stack's functions could not run",
                "take back some reserved concurrency, or ask AWS for more",
            )
        )
    if free <= _FEW:
        return Found(
            result=_LAMBDA.warned(
                f"{free} concurrent executions are free for all functions without reserved ones",
                "enough to begin with; where much mail comes, ask AWS for more",
            )
        )
    return Found(result=_LAMBDA.passed(f"{free} concurrent executions are free"))


ROLES = Check(
    code="P105",
    name="iam-quota",
    title="Is there room for the stack's roles?",
    ask=_roles,
    applies=lambda subject: subject.count("AWS::IAM::Role") > 0,
)
CONCURRENCY = Check(
    code="P111",
    name="lambda-concurrency",
    title="Could the stack's functions run?",
    ask=_concurrency,
    applies=lambda subject: subject.count("AWS::Lambda::Function") > 0,
)
