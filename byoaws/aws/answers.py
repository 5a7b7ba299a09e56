"""What AWS answered, checked field by field and turned into our own values."""

from collections.abc import Mapping

from byoaws.arn import ACCOUNT_ID
from byoaws.aws.credentials import TemporaryCredentials
from byoaws.aws.fields import Answer, optional, required, structure, unusable
from byoaws.aws.interface import Caller, EmailIdentity, SendQuota, SesAccount
from byoaws.model import Json


def caller_of(answer: Answer, operation: str) -> Caller:
    """Return who GetCallerIdentity says is calling.

    Raises:
        Unreachable: the answer names no account.
    """
    account_id = required(answer, "Account", operation)
    arn = required(answer, "Arn", operation)
    if not ACCOUNT_ID.fullmatch(account_id) or not arn.startswith("arn:"):
        raise unusable(operation, "Account is not 12 digits, or Arn is no ARN")
    return Caller(account_id=account_id, arn=arn)


def credentials_of(answer: Answer, operation: str) -> TemporaryCredentials:
    """Return the credentials in AssumeRole's answer.

    Raises:
        Unreachable: a part of them is missing.
    """
    held = structure(answer, "Credentials", operation)
    return TemporaryCredentials(
        access_key_id=required(held, "AccessKeyId", operation),
        secret_access_key=required(held, "SecretAccessKey", operation),
        session_token=required(held, "SessionToken", operation),
    )


def ses_account_of(answer: Answer, operation: str) -> SesAccount:
    """Return sesv2 GetAccount's answer; every field may be missing.

    Raises:
        Unreachable: a field is of another type than AWS documents.
    """
    quota = structure(answer, "SendQuota", operation)
    review = structure(structure(answer, "Details", operation), "ReviewDetails", operation)
    return SesAccount(
        production_access=optional(answer, "ProductionAccessEnabled", bool, operation),
        sending_enabled=optional(answer, "SendingEnabled", bool, operation),
        enforcement_status=optional(answer, "EnforcementStatus", str, operation),
        max_24_hour_send=optional(quota, "Max24HourSend", float, operation),
        max_send_rate=optional(quota, "MaxSendRate", float, operation),
        sent_last_24_hours=optional(quota, "SentLast24Hours", float, operation),
        review_status=optional(review, "Status", str, operation),
        review_case_id=optional(review, "CaseId", str, operation),
    )


def sending_enabled_of(answer: Answer, operation: str) -> bool | None:
    """Return ses GetAccountSendingEnabled's answer; None where it is missing.

    Raises:
        Unreachable: it is no truth value.
    """
    return optional(answer, "Enabled", bool, operation)


def send_quota_of(answer: Answer, operation: str) -> SendQuota:
    """Return ses GetSendQuota's answer; every field may be missing.

    Raises:
        Unreachable: a field is no number.
    """
    return SendQuota(
        max_24_hour_send=optional(answer, "Max24HourSend", float, operation),
        max_send_rate=optional(answer, "MaxSendRate", float, operation),
        sent_last_24_hours=optional(answer, "SentLast24Hours", float, operation),
    )


def trust_policy_of(answer: Answer, operation: str) -> Mapping[str, Json]:
    """Return the trust policy in GetRole's answer, which botocore has decoded from URL-quoted JSON.

    Raises:
        Unreachable: there is none, or it is no JSON object (botocore then leaves the text as it came).
    """
    role = structure(answer, "Role", operation)
    document = role.get("AssumeRolePolicyDocument")
    if not isinstance(document, dict) or not document:
        raise unusable(operation, "the role's trust policy is missing or is no JSON object")
    return document


def email_identity_of(answer: Answer, operation: str) -> EmailIdentity:
    """Return sesv2 GetEmailIdentity's answer; every field may be missing.

    Raises:
        Unreachable: a field is of another type than AWS documents.
    """
    dkim = structure(answer, "DkimAttributes", operation)
    mail_from = structure(answer, "MailFromAttributes", operation)
    return EmailIdentity(
        verified=optional(answer, "VerifiedForSendingStatus", bool, operation),
        verification_status=optional(answer, "VerificationStatus", str, operation),
        dkim_enabled=optional(dkim, "SigningEnabled", bool, operation),
        dkim_status=optional(dkim, "Status", str, operation),
        mail_from_domain=optional(mail_from, "MailFromDomain", str, operation) or None,
    )
