"""Production access of SES, by boto3: what it stands at, what it needs, and the one call that asks for it."""

from typing import TYPE_CHECKING, Self

from byoaws.aws.answers import email_identity_of
from byoaws.aws.boto import BotoCustomerAws
from byoaws.aws.interface import AccountDetails, EmailIdentity, ProductionAccess
from byoaws.aws.session import Limits, VendorSession
from byoaws.regions import partition_of

if TYPE_CHECKING:
    from types_boto3_sesv2.type_defs import PutAccountDetailsRequestTypeDef


class BotoProductionAccess(BotoCustomerAws, ProductionAccess):
    """A session in the customer's account that may also ask for production access."""

    @classmethod
    def under_role(cls, opened: BotoCustomerAws) -> Self:
        """Return the same for a role that was opened."""
        return cls(opened._session, sts_region=opened._sts_region, region=opened._region)

    @classmethod
    def of_profile(cls, profile: str | None, region: str, *, limits: Limits | None = None) -> Self:
        """Return the same for the account's own credentials: of a profile, or by boto3's standard chain."""
        session = VendorSession(profile, limits or Limits())
        return cls(session, sts_region=partition_of(region).sts_region, region=region)

    def email_identity(self, domain: str) -> EmailIdentity:
        """SES's identity of that domain.

        Raises:
            NotFound: the account has none in this region.
            RegionDisabled, AwsError: as `ses_account`.
        """
        operation = "ses:GetEmailIdentity"
        answer = self._ask_ses(operation, lambda: self._ses.get_email_identity(EmailIdentity=domain))
        return email_identity_of(answer, operation)

    def put_account_details(self, details: AccountDetails) -> None:
        """Ask AWS for production access. Not undone by anything: people at AWS read it.

        Raises:
            RegionDisabled, AwsError: as `ses_account`; its code is ConflictException where a request is under review.
        """
        request: PutAccountDetailsRequestTypeDef = {
            "MailType": "MARKETING" if details.mail_type == "MARKETING" else "TRANSACTIONAL",
            "WebsiteURL": details.website_url,
            "ContactLanguage": "EN",
            "UseCaseDescription": details.use_case,
            "ProductionAccessEnabled": True,
        }
        if details.contacts:
            request["AdditionalContactEmailAddresses"] = list(details.contacts)
        self._ask_ses("ses:PutAccountDetails", lambda: self._ses.put_account_details(**request))
