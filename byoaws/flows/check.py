"""Verify an account."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from byoaws.arn import parse_role_arn
from byoaws.aws.interface import Session
from byoaws.errors import AwsError, UsageError
from byoaws.model import VerificationReport
from byoaws.registry import PROBES
from byoaws.verify.clock import AsyncClock
from byoaws.verify.interface import Facts, Progress, Sending, Target, VendorPortFactory

if TYPE_CHECKING:
    from byoaws.verify.facts import LiveFacts

ROTATION = "external-id-rotation"
"""The probe that is asked whenever an ExternalId is being exchanged, whatever the vendor file names."""
SEND = "send"
"""The probe that is asked only where somebody wants it asked, since it sends mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """What a verification needs from outside."""

    vendor_aws: VendorPortFactory
    clock: AsyncClock
    progress: Progress
    now: Callable[[], datetime]
    sending: Sending | None = None
    """Messages that are sent as well, where somebody asked for it."""

    def check_keys(self, target: Target, session: Session) -> VerificationReport:
        """Run the vendor's probes with a user's own keys."""
        import asyncio  # here and below, because few commands verify, and it takes long to import

        from byoaws.verify.keys import KeyFacts

        return asyncio.run(self._run(KeyFacts(target, session)))

    def check(self, target: Target) -> VerificationReport:
        """Run the vendor's probes against one account, where no event loop runs; raises as `check_async`."""
        import asyncio

        return asyncio.run(self.check_async(target))

    async def check_async(self, target: Target) -> VerificationReport:
        """Run the vendor's probes against one account.

        Raises:
            ArnError: not a role ARN.
            UsageError: the role is in the vendor's own account, which proves nothing about a customer's.
        """
        from byoaws.verify.facts import LiveFacts

        facts = LiveFacts(replace(target, sending=self.sending), self.vendor_aws, self.clock, self.progress)
        await _refuse_own_account(facts)
        return await self._run(await facts.settled())

    async def _run(self, facts: Facts) -> VerificationReport:
        from byoaws.verify.runner import run

        target = facts.target
        wanted = {*target.vendor.probes, *([ROTATION] if target.rotation else []), *([SEND] if target.sending else [])}
        # The table's order, whatever the file's.
        probes = [PROBES.load(name) for name in PROBES if name in wanted]
        return await run(facts, probes, self.progress, self.now)


async def _refuse_own_account(facts: "LiveFacts") -> None:
    role = parse_role_arn(facts.target.role_arn)
    own = {facts.target.vendor.account.account_id}
    with suppress(AwsError):  # not lost: the probe 'vendor-identity' asks again, and reports the operator's fault
        own.add((await facts.vendor_caller()).account_id)
    if role.account_id in own:
        raise UsageError(
            f"the role is in {facts.target.vendor.title}'s own account {role.account_id}: opening it proves nothing",
            hint="give the RoleArn output of the stack in the customer's account",
        )
