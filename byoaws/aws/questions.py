"""What is asked of AWS about an account: the calls of the probes, as data."""

from collections.abc import Mapping
from typing import Any

from byoaws.aws.answers import (
    caller_of,
    credentials_of,
    email_identity_of,
    send_quota_of,
    sending_enabled_of,
    ses_account_of,
    trust_policy_of,
)
from byoaws.aws.credentials import TemporaryCredentials
from byoaws.aws.fields import required
from byoaws.aws.interface import AccountDetails, Caller, EmailIdentity, SendQuota, SesAccount
from byoaws.aws.question import Home, Question
from byoaws.model import Json

CALLER: Question[Caller] = Question(service="sts", operation="GetCallerIdentity", read=caller_of, home=Home.STS)
"""Who signs; needs no permission."""

SES_ACCOUNT: Question[SesAccount] = Question(service="sesv2", operation="GetAccount", read=ses_account_of)
"""SES in the connection's region, by its v2 API."""

SENDING_ENABLED: Question[bool | None] = Question(
    service="ses", operation="GetAccountSendingEnabled", read=sending_enabled_of
)
"""By SES's v1 API: may the account send? None if AWS did not say."""

SEND_QUOTA: Question[SendQuota] = Question(service="ses", operation="GetSendQuota", read=send_quota_of)
"""By SES's v1 API: the sending limits."""


def trust_policy(role_name: str) -> Question[Mapping[str, Json]]:
    """The trust policy of the role by that name (without its path), decoded."""
    return Question(
        service="iam", operation="GetRole", request={"RoleName": role_name}, read=trust_policy_of, home=Home.STS
    )


def email_identity(name: str) -> Question[EmailIdentity]:
    """SES's identity of a domain or an address; AWS answers NotFound where there is none."""
    return Question(
        service="sesv2", operation="GetEmailIdentity", request={"EmailIdentity": name}, read=email_identity_of
    )


def send_from(address: str) -> Question[None]:
    """A message of one word from `address` to SES's own mailbox simulator, which delivers nothing to anybody."""
    return Question(
        service="sesv2",
        operation="SendEmail",
        request={
            "FromEmailAddress": address,
            "Destination": {"ToAddresses": ["success@simulator.amazonses.com"]},
            "Content": {"Simple": {"Subject": {"Data": "byoaws"}, "Body": {"Text": {"Data": "byoaws"}}}},
        },
        read=_nothing,
        changes=True,
    )


def message_to_simulator(sender: str, mailbox: str, configuration_set: str) -> Question[str]:
    """A message to SES's own mailbox simulator, which delivers nothing to anybody; the message's id.

    Args:
        sender: An address at an identity that is verified.
        mailbox: `success`, `bounce` or `complaint`. Source: SES Developer Guide, "Using the mailbox simulator".
        configuration_set: Whose event destinations are told.
    """
    text = {"Data": f"byoaws verify: {mailbox}"}
    return Question(
        service="sesv2",
        operation="SendEmail",
        request={
            "FromEmailAddress": sender,
            "Destination": {"ToAddresses": [f"{mailbox}@simulator.amazonses.com"]},
            "Content": {"Simple": {"Subject": text, "Body": {"Text": text}}},
            "ConfigurationSetName": configuration_set,
        },
        read=_message_id,
        changes=True,
    )


def production_access(details: AccountDetails) -> Question[None]:
    """The request for production access. Not undone by anything: people at AWS read it."""
    request: dict[str, Any] = {
        "MailType": "MARKETING" if details.mail_type == "MARKETING" else "TRANSACTIONAL",
        "WebsiteURL": details.website_url,
        "ContactLanguage": "EN",
        "UseCaseDescription": details.use_case,
        "ProductionAccessEnabled": True,
    }
    if details.contacts:
        request["AdditionalContactEmailAddresses"] = list(details.contacts)
    return Question(service="sesv2", operation="PutAccountDetails", request=request, read=_nothing, changes=True)


def assume_role(
    *, role_arn: str, external_id: str | None, session_name: str, duration: int
) -> Question[TemporaryCredentials]:
    """Credentials of the role for `duration` seconds; with `external_id` None the call carries none."""
    request = {"RoleArn": role_arn, "RoleSessionName": session_name, "DurationSeconds": duration}
    # An empty one is sent, and refused: it must never be taken for none.
    given = {} if external_id is None else {"ExternalId": external_id}
    return Question(
        service="sts",
        operation="AssumeRole",
        request={**request, **given},
        read=credentials_of,
        home=Home.STS,
        changes=True,
    )


def _message_id(answer: Mapping[str, object], operation: str) -> str:
    return required(answer, "MessageId", operation)


def _nothing(answer: Mapping[str, Any], operation: str) -> None:
    """Nothing is to be read: that AWS answered is the answer."""
