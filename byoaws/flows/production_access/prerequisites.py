"""What has to be there before AWS is asked for production access, as far as it can be seen from outside.

Each answer is like a probe's: PASS, WARN, FAIL, SKIP, or UNKNOWN where it could not be told.
"""

from collections.abc import Callable, Sequence

from byoaws.aws.interface import EmailIdentity, ProductionAccess
from byoaws.dns import dmarc, spf
from byoaws.errors import AccessDenied, AwsError, NetworkError, NotFound
from byoaws.model import ProbeResult, Status
from byoaws.net.interface import Resolver, Visit, Websites
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import evidence_of

_IDENTITY = Answers("P101", "identity-verified")
_DKIM = Answers("P102", "dkim")
_SPF = Answers("P201", "spf")
_DMARC = Answers("P202", "dmarc")
_WEBSITE = Answers("P301", "website")

_SPF_RECORD = "v=spf1 include:amazonses.com ~all"


def examine(
    aws: ProductionAccess, resolver: Resolver, websites: Websites, *, domain: str, website: str
) -> tuple[ProbeResult, ...]:
    """Look at everything; what could not be told is a result, and no error."""
    identity, first = _identity(aws, domain)
    return (
        first,
        _dkim(identity, domain),
        _asked(_SPF, lambda: _spf(resolver, domain, identity.mail_from_domain if identity else None)),
        _asked(_DMARC, lambda: _dmarc(resolver, domain)),
        _asked(_WEBSITE, lambda: _website(websites.visit(website), website)),
    )


def _asked(answers: Answers, ask: Callable[[], ProbeResult]) -> ProbeResult:
    try:
        return ask()
    except NetworkError as error:
        return answers.unknown(str(error), error.hint or "try again")


def _identity(aws: ProductionAccess, domain: str) -> tuple[EmailIdentity | None, ProbeResult]:
    try:
        identity = aws.email_identity(domain)
    except NotFound as error:
        return None, _IDENTITY.failed(
            f"SES has no identity '{domain}' in this region",
            f"add it to SES in this region (SES console, Identities), and its DKIM records to the DNS of {domain}",
            evidence=evidence_of(error),
        )
    except AccessDenied as error:
        return None, _IDENTITY.unknown(
            f"these credentials may not ask SES for '{domain}' (ses:GetEmailIdentity)",
            "look it up in the SES console under Identities; a role gets this action with the pack "
            "'ses-production-access' or 'ses-identities'",
            evidence=evidence_of(error),
        )
    except AwsError as error:
        return None, _IDENTITY.unknown(str(error), error.hint or "try again", evidence=evidence_of(error))
    return identity, _judge_identity(identity, domain)


def _judge_identity(identity: EmailIdentity, domain: str) -> ProbeResult:
    evidence = {"verified": identity.verified, "verification_status": identity.verification_status}
    if identity.verified:
        return _IDENTITY.passed(f"'{domain}' is verified", evidence=evidence)
    if identity.verified is None or identity.verification_status == "TEMPORARY_FAILURE":
        return _IDENTITY.unknown(
            f"SES could not say whether '{domain}' is verified", "try again in an hour", evidence=evidence
        )
    return _IDENTITY.failed(
        f"'{domain}' is not verified ({identity.verification_status or 'no status'})",
        f"put the DKIM records that SES shows for the domain into the DNS of {domain}; SES then sees them by itself",
        evidence=evidence,
    )


def _dkim(identity: EmailIdentity | None, domain: str) -> ProbeResult:
    if identity is None:
        return ProbeResult(
            code=_DKIM.code, name=_DKIM.name, status=Status.SKIP, summary="not asked: the identity is not known"
        )
    evidence = {"dkim_enabled": identity.dkim_enabled, "dkim_status": identity.dkim_status}
    if identity.dkim_enabled and identity.dkim_status == "SUCCESS":
        return _DKIM.passed(f"SES signs mail from '{domain}'", evidence=evidence)
    if identity.dkim_enabled is None or identity.dkim_status in (None, "TEMPORARY_FAILURE"):
        return _DKIM.unknown(f"SES could not say whether it signs mail from '{domain}'", "try again", evidence=evidence)
    if not identity.dkim_enabled:
        return _DKIM.failed(
            f"signing is switched off for '{domain}'", "switch Easy DKIM on: SES console, Identities", evidence=evidence
        )
    return _DKIM.failed(
        f"the DKIM records of '{domain}' are not there ({identity.dkim_status})",
        f"put the three CNAME records that SES shows into the DNS of {domain}",
        evidence=evidence,
    )


def _spf(resolver: Resolver, domain: str, mail_from: str | None) -> ProbeResult:
    """SES's own MAIL FROM passes SPF by itself, but not for the domain: a custom one does, or the domain's record."""
    found = {name: spf.judge(resolver.txt(name)) for name in dict.fromkeys((mail_from or domain, domain))}
    evidence = {name: verdict.value for name, verdict in found.items()}
    for name, verdict in found.items():
        if verdict is spf.Spf.ALLOWS:
            return _SPF.passed(f"'{name}' lets SES send", evidence=evidence)
    several = [name for name, verdict in found.items() if verdict is spf.Spf.SEVERAL]
    if several:
        return _SPF.failed(
            f"'{several[0]}' has more than one SPF record, so none of them holds",
            "put them together into one, with include:amazonses.com before all",
            evidence=evidence,
        )
    if spf.Spf.SILENT in found.values():
        return _SPF.warned(
            f"the SPF record of '{domain}' does not name SES",
            "add include:amazonses.com before all, or set a custom MAIL FROM sub-domain",
            evidence=evidence,
        )
    return _SPF.failed(f"'{domain}' has no SPF record", f"add the TXT record {_SPF_RECORD}", evidence=evidence)


def _dmarc(resolver: Resolver, domain: str) -> ProbeResult:
    for name in dmarc.names(domain):
        try:
            policy = dmarc.policy(resolver.txt(name))
        except dmarc.NotOneRecordError as error:
            return _DMARC.failed(f"at '{name}': {error}", f"leave one record there: {_dmarc_record(domain)}")
        if policy is not None:
            return _DMARC.passed(f"'{name}' has the policy '{policy}'", evidence={"name": name, "policy": policy})
    return _DMARC.failed(
        f"'{domain}' has no DMARC record", f"add the TXT record {_dmarc_record(domain)} at _dmarc.{domain}"
    )


def _dmarc_record(domain: str) -> str:
    return f"v=DMARC1; p=none; rua=mailto:dmarc@{domain}"


def _website(visit: Visit, website: str) -> ProbeResult:
    evidence = {"url": visit.url, "status": visit.status}
    if visit.status is None:
        return _WEBSITE.failed(
            f"'{visit.url}' {visit.refused}",
            "name a website that everybody can open over https, and that shows who you are",
            evidence=evidence,
        )
    if visit.status < 300:
        moved = f", at {visit.url}" if visit.url.rstrip("/") != website.rstrip("/") else ""
        return _WEBSITE.passed(f"'{website}' answers{moved}", evidence=evidence)
    if visit.status in (404, 410):
        return _WEBSITE.failed(f"'{visit.url}' is not there ({visit.status})", "name a page that is", evidence=evidence)
    if visit.status >= 500:
        return _WEBSITE.unknown(f"'{visit.url}' has a fault ({visit.status})", "try again", evidence=evidence)
    return _WEBSITE.warned(
        f"'{visit.url}' answers, and does not let us in ({visit.status})",
        "make sure that a stranger with a browser sees it: AWS's reviewers do look",
        evidence=evidence,
    )


def failed(results: Sequence[ProbeResult]) -> bool:
    """True if one of them failed."""
    return any(result.status is Status.FAIL for result in results)
