"""Who asks, and whether SES is there and may send."""

from byoaws.errors import BadCredentials, UsageError
from byoaws.facts.ses import ses_facts
from byoaws.flows.cost.month import sends
from byoaws.flows.preflight.subject import Check, Found, Subject
from byoaws.flows.region import needs_ses, require_region_of
from byoaws.lifecycle.answer import inside
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import evidence_of

_CALLER = Answers("P101", "caller")
_REGION = Answers("P102", "region")
_SES = Answers("P110", "ses-account")
# How a service refuses good credentials in a region that the account has not enabled. Source: IAM user guide,
# "Activating and deactivating AWS STS in an AWS Region".
_NOT_ENABLED = frozenset({"UnrecognizedClientException", "InvalidClientTokenId", "OptInRequired"})


def _caller(subject: Subject) -> Found:
    who = f"account {subject.account_id}, as {subject.arn}"
    if subject.vendor.account.account_id == subject.account_id:
        return Found(
            result=_CALLER.failed(
                f"{who}: this is {subject.vendor.title}'s own account, and no customer's",
                "use the customer's credentials (--profile)",
            )
        )
    if subject.arn.endswith(":root"):
        return Found(
            result=_CALLER.warned(
                f"{who}: the root user, whom no policy limits",
                "make the stack with a role or user that has the policy of `byoaws policy deployer`",
            )
        )
    return Found(result=_CALLER.passed(who))


def _region(subject: Subject) -> Found:
    try:
        require_region_of(subject.vendor, subject.region, new_stack=True)
    except UsageError as error:
        return Found(result=_REGION.failed(str(error), error.hint))
    try:
        _ = subject.ses if needs_ses(subject.vendor) else subject.stacks
    except BadCredentials as error:
        # STS took the same credentials a moment ago.
        if error.code not in _NOT_ENABLED:
            raise
        return Found(
            result=_REGION.failed(
                f"region {subject.region} does not know these credentials: the account has not enabled it",
                f"enable {subject.region} in the account's settings (AWS Regions), or choose another region",
                evidence=evidence_of(error),
            )
        )
    return Found(result=_REGION.passed(f"{subject.region} has what the stack needs, and the account can use it"))


def _ses(subject: Subject) -> Found:
    production, sends_now = (inside(subject.ses, bool, f"{what}Enabled") for what in ("ProductionAccess", "Sending"))
    if inside(subject.ses, str, "EnforcementStatus") == "SHUTDOWN":
        return Found(
            result=_SES.failed("AWS has shut down sending in this region", "answer AWS's case in the Support Center")
        )
    if sends_now is False:
        return Found(
            result=_SES.failed(
                "sending is switched off in this region", "switch it on in the SES console, Account dashboard"
            )
        )
    if production is None or sends_now is None:
        return Found(
            result=_SES.unknown("SES did not say whether the account is in the sandbox, or may send", "try again")
        )
    if not production:
        limits = ses_facts().sandbox
        return Found(
            result=_SES.warned(
                f"SES is in the sandbox in {subject.region}: {limits.per_24_hours} e-mails a day, to "
                f"{limits.recipients} only",
                "ask for production access: byoaws production-access request; the stack can be made meanwhile",
            )
        )
    return Found(result=_SES.passed("production access is granted, and SES may send"))


CALLER = Check(code="P101", name="caller", title="Whose account is it, and who asks?", ask=_caller)
REGION = Check(code="P102", name="region", title="Does the stack work in this region?", ask=_region)
SES = Check(
    code="P110",
    name="ses-account",
    title="May SES send there?",
    ask=_ses,
    applies=lambda subject: sends(subject.vendor),
)
