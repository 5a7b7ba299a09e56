"""What the probes share, asked of AWS once each, and the AssumeRole calls that put the trust policy to the test."""

from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from byoaws.arn import RoleArn, parse_role_arn
from byoaws.aws.interface import Caller, Session, VendorPort
from byoaws.aws.question import Question
from byoaws.errors import AccessDenied, AwsError
from byoaws.quickcreate import external_id
from byoaws.regions import partition
from byoaws.verify.asking import Asking
from byoaws.verify.clock import AsyncClock
from byoaws.verify.interface import Attempt, Progress, Target, TrustTrial, VendorPortFactory
from byoaws.verify.once import Once

T = TypeVar("T")

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 8.0


class LiveFacts:
    """`interface.Facts`, answered by AWS."""

    def __init__(self, target: Target, vendor_aws: VendorPortFactory, clock: AsyncClock, progress: Progress) -> None:
        self.target = target
        self._vendor_aws = vendor_aws
        self._clock = clock
        self._progress = progress
        self._caller = Once(self._ask_caller)
        self._trial = Once(self._try_role)
        self._asking = Asking(self.session)

    async def settled(self) -> "LiveFacts":
        """Return facts about whichever of two ExternalIds opens the role, where one is exchanged for the other.

        The new one goes first. Only where the role refuses it, and opens with the old one, the old one counts.
        """
        rotation = self.target.rotation
        if rotation is None or not isinstance((await self._attempt(rotation.new))[0].error, AccessDenied):
            return self
        if not (await self._attempt(rotation.old))[0].opened:
            return self
        target = replace(self.target, external_id=rotation.old)
        return LiveFacts(target, self._vendor_aws, self._clock, self._progress)

    @cached_property
    def role(self) -> RoleArn:
        """The role ARN, taken apart; raises ArnError."""
        return parse_role_arn(self.target.role_arn)

    @cached_property
    def _aws(self) -> VendorPort:
        # Never the customer's region: it may be one that our own account has not enabled.
        return self._vendor_aws(partition(self.role.partition).sts_region)

    async def vendor_caller(self) -> Caller:
        """Who we are."""
        return await self._caller()

    async def session(self) -> Session:
        """The session under the customer's role."""
        opened = (await self.trial()).session
        if opened is None:
            raise AwsError("the role was not assumed", operation="AssumeRole")
        return opened

    async def ask(self, question: Question[T]) -> T:
        """Ask under the customer's role, each question once."""
        return await self._asking(question)

    async def trial(self) -> TrustTrial:
        """Three AssumeRole calls: with the right ExternalId, without one, with a wrong one.

        They are made one after the other. The right one goes first: a role that is new may refuse everybody for some
        seconds while IAM spreads it, so a refusal proves something only once the role has opened. Where the right one
        had to be tried again, the two others are made again as well. An attempt that opened is final: it is never
        tried again into a refusal.
        """
        return await self._trial()

    async def _ask_caller(self) -> Caller:
        return await self._aws.caller()

    async def _try_role(self) -> TrustTrial:
        right_id, wrong_id = self.target.external_id, _same_shape(self.target.external_id)
        started = self._clock.now()
        first = await self._attempt(right_id)
        without, wrong = (await self._attempt(None))[0], (await self._attempt(wrong_id))[0]
        # A role that opened for a stranger is not worth waiting for.
        wait = 0.0 if without.opened or wrong.opened else self.target.wait
        right, session, tries = await self._until_opened(first, started + wait)
        waited = self._clock.now() - started
        if tries > 1:  # and so neither opened before
            without, wrong = (await self._attempt(None))[0], (await self._attempt(wrong_id))[0]
        other = await self._other() if right.opened else None
        return TrustTrial(
            without=without, wrong=wrong, right=right, session=session, waited=waited, tries=tries, other=other
        )

    async def _other(self) -> Attempt | None:
        """A fourth call, where one ExternalId is exchanged for another: with the one that is not the right one."""
        rotation = self.target.rotation
        if rotation is None:
            return None
        return (await self._attempt(rotation.old if self.target.external_id == rotation.new else rotation.new))[0]

    async def _until_opened(
        self, first: tuple[Attempt, Session | None], deadline: float
    ) -> tuple[Attempt, Session | None, int]:
        """Try the right ExternalId again while AWS refuses it; return the last try, and how many there were."""
        (attempt, session), pause, tries = first, _FIRST_PAUSE, 1
        while isinstance(attempt.error, AccessDenied) and (left := deadline - self._clock.now()) > 0:
            pause_now = min(pause, left)
            self._progress.waiting(pause_now)
            await self._clock.sleep(pause_now)
            attempt, session = await self._attempt(self.target.external_id)
            pause, tries = min(pause * 2, _LONGEST_PAUSE), tries + 1
        return attempt, session, tries

    async def _attempt(self, given: str | None) -> tuple[Attempt, Session | None]:
        vendor = self.target.vendor
        try:
            session = await self._aws.assume_role(
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
    """A random ExternalId of the same length and beginning: a pattern that lets in `right` should let this in too.

    What is replaced is the end that looks random: everything behind the last separator, and 48 characters at most.
    """
    separated = 1 + max(right.rfind(mark) for mark in "_+=,.@:/-")
    kept = max(len(right) - 2 * external_id.MINIMUM_BYTES, separated if separated < len(right) else 0)
    size = max(2, len(right)) - kept
    wrong = right
    while wrong == right:
        wrong = right[:kept] + external_id.mint()[:size]
    return wrong
