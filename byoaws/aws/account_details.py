"""Production access of SES, by boto3: what it stands at, what it needs, and the one call that asks for it."""

from typing import Self

from byoaws.aws import questions
from byoaws.aws.boto import BotoCustomerAws
from byoaws.aws.interface import AccountDetails, EmailIdentity, ProductionAccess
from byoaws.aws.session import Limits, VendorSession
from byoaws.regions import partition_of


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
        return self.ask(questions.email_identity(domain))

    def put_account_details(self, details: AccountDetails) -> None:
        """Ask AWS for production access. Not undone by anything: people at AWS read it.

        Raises:
            RegionDisabled, AwsError: as `ses_account`; its code is ConflictException where a request is under review.
        """
        self.ask(questions.production_access(details))
