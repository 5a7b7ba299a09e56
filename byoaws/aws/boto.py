"""The port to AWS, by boto3: the vendor's own credentials, and sessions in a customer's account."""

from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

from botocore import xform_name

from byoaws.aws import questions
from byoaws.aws.interface import Caller, CustomerAws, SesAccount, VendorAws
from byoaws.aws.question import Home, Question, known_there
from byoaws.aws.session import Answer, Limits, RoleSession, VendorSession
from byoaws.aws.unlogged import unlogged
from byoaws.errors import AwsError
from byoaws.regions import partition_of

T = TypeVar("T")


class BotoVendorAws(VendorAws):
    """The vendor's own AWS credentials, by boto3's standard chain. For any number of threads.

    Nothing is read or called before the first question.
    """

    def __init__(self, profile: str | None, sts_region: str, *, limits: Limits | None = None) -> None:
        """Take the profile (None: as AWS_PROFILE says) and the always enabled region whose STS is asked."""
        self._session = VendorSession(profile, limits or Limits())
        self._sts_region = sts_region

    @cached_property
    def _caller(self) -> Caller:
        return self._ask(questions.CALLER)

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
        question = questions.assume_role(
            role_arn=role_arn, external_id=external_id, session_name=session_name, duration=duration
        )
        with unlogged():
            credentials = self._ask(question)
        session = self._session.under(credentials)
        return BotoCustomerAws(session, sts_region=self._sts_region, region=region)

    def _ask(self, question: Question[T]) -> T:
        return _asked(self._session, question, self._sts_region)


class BotoCustomerAws(CustomerAws):
    """A session in the customer's account, under a role or by a profile's own keys. `ask` is for any number of threads.

    Each client is built when it is first needed.
    """

    def __init__(self, session: RoleSession | VendorSession, *, sts_region: str, region: str) -> None:
        self._session = session
        self._sts_region = sts_region
        self._region = region

    def ask(self, question: Question[T]) -> T:
        """Make one call.

        Raises:
            RegionDisabled: the connection's region does not know the credentials that STS has just handed out.
            AwsError: of another kind.
        """
        region = self._sts_region if question.home is Home.STS else self._region
        try:
            return _asked(self._session, question, region)
        except AwsError as error:
            meant = question.meant(error, region)
            if meant is error:
                raise
        raise meant

    def caller(self) -> Caller:
        """Who the session is; raises AwsError."""
        return self.ask(questions.CALLER)

    def ses_account(self) -> SesAccount:
        """SES in the connection's region; raises as `ask`."""
        return self.ask(questions.SES_ACCOUNT)

    def _ask_ses(self, operation: str, call: Callable[[], Answer]) -> Answer:
        """Make a call that is no question, in the connection's region; raises as `ask`."""
        try:
            return self._session.ask(operation, call)
        except AwsError as error:
            meant = known_there(error, self._region)
            if meant is error:
                raise
        raise meant


def _asked(session: RoleSession | VendorSession, question: Question[T], region: str) -> T:
    """The answer, read. botocore checks what is sent before it sends it."""

    def call() -> dict[str, object]:
        method = getattr(session.client(question.service, region), xform_name(question.operation))
        answer: dict[str, object] = method(**question.request)
        return answer

    return question.read(session.ask(question.action, call), question.action)


def customer_by_profile(profile: str | None, region: str) -> CustomerAws:
    """Return the customer's account as a profile's own credentials see it (None: as AWS_PROFILE says)."""
    sts_region = partition_of(region).sts_region
    return BotoCustomerAws(VendorSession(profile, Limits()), sts_region=sts_region, region=region)
