"""What the probes share, asked of AWS once each, and the AssumeRole calls that put the trust policy to the test."""

from collections.abc import Callable
from functools import cached_property

from byoaws.arn import RoleArn, parse_role_arn
from byoaws.aws.interface import Caller, CustomerAws, VendorAws
from byoaws.errors import AccessDenied, AwsError
from byoaws.quickcreate import external_id
from byoaws.regions import partition
from byoaws.verify.interface import Attempt, Progress, Target, TrustTrial, VendorAwsFactory

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 8.0


class Clock:
    """Monotonic time and sleep, in seconds; tests hand in another."""

    def __init__(self, now: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self.now = now
        self.sleep = sleep


class LiveFacts:
    """`interface.Facts`, answered by AWS."""

    def __init__(self, target: Target, vendor_aws: VendorAwsFactory, clock: Clock, progress: Progress) -> None:
        self.target = target
        self._vendor_aws = vendor_aws
        self._clock = clock
        self._progress = progress

    @cached_property
    def role(self) -> RoleArn:
        """The role ARN, taken apart; raises ArnError."""
        return parse_role_arn(self.target.role_arn)

    @cached_property
    def _aws(self) -> VendorAws:
        # Never the customer's region: it may be one that our own account has not enabled.
        return self._vendor_aws(partition(self.role.partition).sts_region)

    @cached_property
    def vendor_caller(self) -> Caller:
        """Who we are."""
        return self._aws.caller()

    @property
    def session(self) -> CustomerAws:
        """The session under the customer's role."""
        if self.trial.session is None:
            raise AwsError("the role was not assumed", operation="AssumeRole")
        return self.trial.session

    @cached_property
    def trial(self) -> TrustTrial:
        """Three AssumeRole calls: without an ExternalId, with a wrong one, with the right one.

        A role that is new may refuse everybody for some seconds while IAM spreads it. Refusals that came before the
        right ExternalId first opened the role therefore prove nothing, and the two negative calls are made again.
        An attempt that opened is final: it is never tried again into a refusal.
        """
        wrong_id = _same_shape(self.target.external_id)
        without, _ = self._attempt(None)
        wrong, _ = self._attempt(wrong_id)
        started = self._clock.now()
        # A role that opened for a stranger is not worth waiting for.
        wait = 0.0 if without.opened or wrong.opened else self.target.wait
        right, session, tries = self._retry_right(wait)
        waited = self._clock.now() - started
        if right.opened and tries > 1:
            if not without.opened:
                without, _ = self._attempt(None)
            if not wrong.opened:
                wrong, _ = self._attempt(wrong_id)
        return TrustTrial(without=without, wrong=wrong, right=right, session=session, waited=waited, tries=tries)

    def _retry_right(self, wait: float) -> tuple[Attempt, CustomerAws | None, int]:
        deadline = self._clock.now() + wait
        pause, tries = _FIRST_PAUSE, 0
        while True:
            attempt, session = self._attempt(self.target.external_id)
            tries += 1
            left = deadline - self._clock.now()
            if not isinstance(attempt.error, AccessDenied) or left <= 0:
                return attempt, session, tries
            pause_now = min(pause, left)
            self._progress.waiting(pause_now)
            self._clock.sleep(pause_now)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _attempt(self, given: str | None) -> tuple[Attempt, CustomerAws | None]:
        vendor = self.target.vendor
        try:
            session = self._aws.assume_role(
                role_arn=self.target.role_arn,
                external_id=given,
                session_name=vendor.session_name,
                duration=vendor.session_duration,
                region=self.target.region,
            )
        except AwsError as error:
            return Attempt(error=error), None
        return Attempt(error=None), session


def _same_shape(right: str) -> str:
    """A random ExternalId with the same beginning, so that a condition like `prefix-*` is caught as well."""
    kept = max(0, len(right) - 2 * external_id.MINIMUM_BYTES)
    return external_id.mint(prefix=right[:kept][:1000])
