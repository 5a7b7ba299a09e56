"""The catalogue of what AWS can refuse: whole, each entry reached by AWS's own words, and documented."""

import re
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, NoCredentialsError

from byoaws import errors
from byoaws.aws.errors import translated
from byoaws.facts.failures import Failure, failures, find
from byoaws.runbooks.catalogue import RUNBOOKS

DOCS = Path(__file__).parents[2] / "docs"
# What an entry without a code of AWS's is met by.
WITHOUT_CODE = {
    "F115": NoCredentialsError(),
    "F151": ClientError({"Error": {"Code": "Throttling", "Message": "Rate exceeded"}}, "x"),
    "F152": ConnectTimeoutError(endpoint_url="https://sts.amazonaws.com"),
    "F153": ClientError({"Error": {"Code": "InvalidIdentityToken", "Message": "x"}}, "x"),
    "F154": ClientError({"Error": {"Code": "ValidationError", "Message": "1 validation error detected"}}, "x"),
}


def raised(failure: Failure, aws_code: str) -> errors.AwsError:
    """What our edge makes of the failure's example."""
    operation = {"*": "ses:GetAccount", "ses:*": "ses:GetAccount", "s3:*": "s3:ListObjectsV2"}.get(
        failure.operations[0], failure.operations[0].replace("*", "Get")
    )
    error = WITHOUT_CODE.get(failure.code) or ClientError(
        {"Error": {"Code": aws_code, "Message": failure.example}, "ResponseMetadata": {"HTTPStatusCode": 400}},
        "x",
    )
    return translated(operation, error)


def met(error: errors.AwsError) -> Failure | None:
    kinds = [kind.__name__ for kind in type(error).__mro__]
    return find(operation=error.operation, aws_code=error.code, message=error.aws_message, kinds=kinds)


@pytest.mark.parametrize("failure", failures(), ids=lambda failure: failure.code)
def test_every_code_of_an_entry_leads_to_it(failure: Failure) -> None:
    assert failure.aws_codes or failure.kinds
    for aws_code in failure.aws_codes or {""}:
        found = met(raised(failure, aws_code))
        assert found is not None
        assert found.code == failure.code, f"{aws_code} leads to {found.code}"


@pytest.mark.parametrize("failure", failures(), ids=lambda failure: failure.code)
def test_only_the_customers_own_fault_may_fail_an_account(failure: Failure) -> None:
    assert failure.verdict == "unknown" or failure.whose == "customer"
    for kind in failure.kinds:
        assert issubclass(getattr(errors, kind), errors.AwsError)


@pytest.mark.parametrize("failure", failures(), ids=lambda failure: failure.code)
def test_its_runbook_has_that_section(failure: Failure) -> None:
    from byoaws.runbooks.sections import SECTIONS

    runbook, _, section = failure.section.partition("#")
    assert runbook in RUNBOOKS
    assert section in {"", "what-doctor-says", *SECTIONS.values()}


def test_codes_are_used_once_and_in_order() -> None:
    codes = [failure.code for failure in failures()]
    assert codes == sorted(set(codes))


@pytest.mark.parametrize(
    ("operation", "aws_code", "message"),
    [("sts:AssumeRole", "SomethingNew", "x"), ("ses:GetAccount", "", ""), ("", "AccessDenie", "")],
    ids=["a code of tomorrow", "no code", "a code cut off"],
)
def test_what_nobody_foresaw_is_none_of_them(operation: str, aws_code: str, message: str) -> None:
    assert find(operation=operation, aws_code=aws_code, message=message, kinds=["AwsError"]) is None


def test_the_documented_table_is_the_catalogue() -> None:
    text = (DOCS / "failures.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (F\d{3}) \| (.+?) \| (\w+) \| `(\w+)` \|$", text, re.MULTILINE)
    assert rows == [(one.code, one.title, one.whose, one.verdict) for one in failures()]
