"""One verifier, many accounts at a time: each report is of its own account."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from byoaws.errors import ArnError, UsageError
from byoaws.flows.check import Verifier
from byoaws.model import Verdict, VerificationReport
from byoaws.vendor_model import Vendor
from byoaws.verify.interface import Target

OWN = "111122223333"


def target(vendor: Vendor, number: int, role_arn: str = "") -> Target:
    arn = role_arn or f"arn:aws:iam::{number:012}:role/byoaws/mailmark/role-{number}"
    return Target(role_arn=arn, external_id=f"{number:048}", region="eu-west-1", vendor=vendor)


@pytest.fixture
def fleet(verifier: Callable[..., Verifier], fake_role: Callable[..., Any]) -> Verifier:
    """A role in every account, which opens for the account's own number as ExternalId; odd ones without any, too."""

    class Roles:
        async def caller(self) -> Any:
            return await fake_role().caller()

        async def assume_role(self, *, role_arn: str, **request: Any) -> Any:
            await asyncio.sleep(0)
            number = int(role_arn.split(":")[4])
            role = fake_role(external_id=f"{number:048}", account_id=f"{number:012}", without=bool(number % 2))
            return await role.assume_role(role_arn=role_arn, **request)

    return verifier(Roles())


def test_two_hundred_side_by_side(fleet: Verifier, vendor: Vendor) -> None:
    async def check() -> list[VerificationReport]:
        return await asyncio.gather(*(fleet.check_async(target(vendor, number)) for number in range(2, 202)))

    for number, report in enumerate(asyncio.run(check()), start=2):
        assert report.account_id == f"{number:012}"
        assert report.role_arn == target(vendor, number).role_arn
        assert report.verdict is (Verdict.INSECURE if number % 2 else Verdict.VERIFIED)


def test_one_after_the_other_they_are_the_same(fleet: Verifier, vendor: Vendor) -> None:
    assert [fleet.check(target(vendor, number)).verdict.value for number in (2, 3)] == ["verified", "insecure"]


@pytest.mark.parametrize(
    ("arn", "error"),
    [("arn:aws:iam::444455556666:user/x", ArnError), (f"arn:aws:iam::{OWN}:role/x", UsageError)],
    ids=["no-role", "our-own-account"],
)
def test_what_is_not_to_be_verified_is_refused_either_way(
    fleet: Verifier, vendor: Vendor, arn: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        fleet.check(target(vendor, 2, arn))
    with pytest.raises(error):
        asyncio.run(fleet.check_async(target(vendor, 2, arn)))
