"""The port to AWS, by boto3: the vendor's own credentials, and sessions in a customer's account."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from byoaws.aws.answers import (
    caller_of,
    credentials_of,
    send_quota_of,
    sending_enabled_of,
    ses_account_of,
    trust_policy_of,
)
from byoaws.aws.interface import Caller, CustomerAws, SendQuota, SesAccount, VendorAws
from byoaws.aws.session import Answer, Limits, RoleSession, VendorSession
from byoaws.errors import BadCredentials, RegionDisabled
from byoaws.model import Json

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient
    from types_boto3_ses import SESClient
    from types_boto3_sesv2 import SESV2Client
    from types_boto3_sts import STSClient
    from types_boto3_sts.type_defs import AssumeRoleRequestTypeDef

# How a service refuses credentials that STS handed out a moment ago. Source: IAM user guide, "Activating and
# deactivating AWS STS in an AWS Region".
_REGION_DOES_NOT_KNOW_US = frozenset({"UnrecognizedClientException", "InvalidClientTokenId"})


class BotoVendorAws(VendorAws):
    """The vendor's own AWS credentials, by boto3's standard chain.

    Nothing is read or called before the first question. Not for two threads at once.
    """

    def __init__(self, profile: str | None, sts_region: str, *, limits: Limits | None = None) -> None:
        """Take the profile (None: as AWS_PROFILE says) and the always enabled region whose STS is asked."""
        self._session = VendorSession(profile, limits or Limits())
        self._sts_region = sts_region

    @cached_property
    def _sts(self) -> "STSClient":
        return self._session.boto.client("sts", region_name=self._sts_region)

    @cached_property
    def _caller(self) -> Caller:
        operation = "sts:GetCallerIdentity"
        return caller_of(self._session.ask(operation, lambda: self._sts.get_caller_identity()), operation)

    def caller(self) -> Caller:
        """Who the vendor is; asked once, and again only after a failure.

        Raises:
            AwsError: AWS did not say.
        """
        return self._caller

    def assume_role(
        self, *, role_arn: str, external_id: str | None, session_name: str, duration: int, region: str
    ) -> CustomerAws:
        """Open the customer's role for `duration` seconds; with `external_id` None the call carries none.

        Raises:
            AccessDenied: AWS refused; it does not say whether for the role, its trust policy or our own policy.
            AwsError: of another kind, which says nothing about the role.
        """
        request: AssumeRoleRequestTypeDef = {
            "RoleArn": role_arn,
            "RoleSessionName": session_name,
            "DurationSeconds": duration,
        }
        if external_id is not None:
            request["ExternalId"] = external_id
        operation = "sts:AssumeRole"
        answer = self._session.ask(operation, lambda: self._sts.assume_role(**request))
        credentials = credentials_of(answer, operation)
        return BotoCustomerAws(self._session.under(credentials), sts_region=self._sts_region, region=region)


class BotoCustomerAws(CustomerAws):
    """A session in the customer's account, under a role or by a profile's own keys.

    Each client is built when it is first needed.
    """

    def __init__(self, session: RoleSession | VendorSession, *, sts_region: str, region: str) -> None:
        self._session = session
        self._sts_region = sts_region
        self._region = region

    @cached_property
    def _sts(self) -> "STSClient":
        return self._session.boto.client("sts", region_name=self._sts_region)

    @cached_property
    def _ses(self) -> "SESV2Client":
        return self._session.boto.client("sesv2", region_name=self._region)

    @cached_property
    def _ses_v1(self) -> "SESClient":
        return self._session.boto.client("ses", region_name=self._region)

    @cached_property
    def _iam(self) -> "IAMClient":
        # IAM is one per partition, which botocore finds by any of the partition's regions.
        return self._session.boto.client("iam", region_name=self._sts_region)

    def caller(self) -> Caller:
        """Who the session is.

        Raises:
            AwsError: AWS did not say.
        """
        operation = "sts:GetCallerIdentity"
        return caller_of(self._session.ask(operation, lambda: self._sts.get_caller_identity()), operation)

    def ses_account(self) -> SesAccount:
        """SES in the connection's region.

        Raises:
            RegionDisabled: the region does not know the credentials that STS has just handed out.
            AwsError: of another kind.
        """
        operation = "ses:GetAccount"
        return ses_account_of(self._ask_ses(operation, lambda: self._ses.get_account()), operation)

    def sending_enabled(self) -> bool | None:
        """By SES's v1 API: may the account send in the connection's region? None if AWS did not say.

        Raises:
            RegionDisabled, AwsError: as `ses_account`.
        """
        operation = "ses:GetAccountSendingEnabled"
        answer = self._ask_ses(operation, lambda: self._ses_v1.get_account_sending_enabled())
        return sending_enabled_of(answer, operation)

    def send_quota(self) -> SendQuota:
        """By SES's v1 API: the sending limits in the connection's region.

        Raises:
            RegionDisabled, AwsError: as `ses_account`.
        """
        operation = "ses:GetSendQuota"
        return send_quota_of(self._ask_ses(operation, lambda: self._ses_v1.get_send_quota()), operation)

    def send_from(self, address: str) -> None:
        """Send an empty message from `address` to SES's mailbox simulator, by SES's v2 API.

        Raises:
            InvalidRequest: SES refuses the sender; IAM did not refuse the call.
            AccessDenied, RegionDisabled, AwsError: as `ses_account`.
        """
        self._ask_ses(
            "ses:SendEmail",
            lambda: self._ses.send_email(
                FromEmailAddress=address,
                Destination={"ToAddresses": ["success@simulator.amazonses.com"]},
                Content={"Simple": {"Subject": {"Data": "byoaws"}, "Body": {"Text": {"Data": "byoaws"}}}},
            ),
        )

    def identity_exists(self, identity: str) -> bool:
        """True if SES has `identity` in the connection's region.

        Raises:
            NotFound: it has not.
            AccessDenied, RegionDisabled, AwsError: as `ses_account`.
        """
        self._ask_ses("ses:GetEmailIdentity", lambda: self._ses.get_email_identity(EmailIdentity=identity))
        return True

    def _ask_ses(self, operation: str, call: Callable[[], Answer]) -> Answer:
        try:
            return self._session.ask(operation, call)
        except BadCredentials as error:
            if error.code not in _REGION_DOES_NOT_KNOW_US:
                raise
            raise RegionDisabled(
                f"region '{self._region}' does not know the session ({error.code}: {error.aws_message})",
                operation=operation,
                code=error.code,
                aws_message=error.aws_message,
                hint=f"enable region '{self._region}' in the customer's account",
            ) from None

    def trust_policy(self, role_name: str) -> Mapping[str, Json]:
        """The trust policy of the role by that name (without its path), decoded.

        Raises:
            NotFound: no such role.
            AwsError: of another kind.
        """
        operation = "iam:GetRole"
        answer = self._session.ask(operation, lambda: self._iam.get_role(RoleName=role_name))
        return trust_policy_of(answer, operation)


def customer_by_profile(profile: str | None, *, sts_region: str, region: str) -> CustomerAws:
    """Return the customer's account as a profile's own credentials see it (None: as AWS_PROFILE says)."""
    return BotoCustomerAws(VendorSession(profile, Limits()), sts_region=sts_region, region=region)
