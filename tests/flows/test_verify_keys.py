"""Verifying a vendor that works with a user's keys: nothing to open, nothing stored."""

from collections.abc import Callable
from typing import Any

import pytest

from byoaws.aws.interface import Caller, SesAccount
from byoaws.aws.question import Question
from byoaws.errors import AwsError, NotFound, UsageError
from byoaws.flows.verify import Request, verify_keys
from byoaws.vendor_model import Vendor
from byoaws.vendors.file import load_vendor


class Keys:
    """A customer's account as its own keys see it: in the sandbox."""

    async def ask(self, question: Question[Any]) -> Any:
        answers: dict[str, Any] = {
            "sts:GetCallerIdentity": Caller(account_id="444455556666", arn="arn:aws:iam::444455556666:user/selfmx"),
            "ses:SendEmail": AwsError("no", code="MessageRejected"),
            "ses:GetEmailIdentity": NotFound("no", code="NotFoundException"),
            "ses:GetAccount": self._ses_account(),
        }
        answer = answers[question.action]
        if isinstance(answer, AwsError):
            raise answer
        return answer

    def _ses_account(self) -> SesAccount:
        return SesAccount(
            production_access=False,
            sending_enabled=True,
            enforcement_status="HEALTHY",
            max_24_hour_send=200.0,
            max_send_rate=1.0,
            sent_last_24_hours=0.0,
            review_status=None,
            review_case_id=None,
        )


def request(**changes: Any) -> Request:
    wanted: dict[str, Any] = {
        **dict.fromkeys(("role_arn", "connection_id", "external_id", "bucket_name", "region", "wait")),
        "default_region": "eu-west-1",
    }
    return Request(**{**wanted, **changes})


@pytest.fixture(scope="module")
def selfmx() -> Vendor:
    return load_vendor("selfmx", {})


@pytest.mark.parametrize(("given", "asked"), [(None, "eu-west-1"), ("us-east-2", "us-east-2")])
def test_verified_in_the_region_that_was_meant(
    selfmx: Vendor, verifier: Callable[..., Any], given: str | None, asked: str
) -> None:
    regions = []

    def open_account(region: str) -> Any:
        regions.append(region)
        return Keys()

    report = verify_keys(request(region=given), selfmx, verifier(None), open_account)
    assert (report.verdict.value, report.role_arn, report.region, report.sandbox) == ("verified", None, asked, True)
    assert regions == [asked]


@pytest.mark.parametrize(
    ("vendor", "changes", "message"),
    [
        ("mailmark", {}, "no role to verify"),
        ("selfmx", {"external_id": "0123456789abcdef"}, "there is no ExternalId"),
        ("selfmx", {"bucket_name": "mail"}, "nothing is stored"),
        ("selfmx", {"region": "mars-1"}, "mars-1"),
    ],
)
def test_refused_before_anything_is_asked(
    verifier: Callable[..., Any], vendor: str, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        verify_keys(request(**changes), load_vendor(vendor, {}), verifier(None), lambda region: pytest.fail(region))
