import inspect

import boto3.exceptions
import botocore.exceptions
import pytest
from botocore.retries.standard import ThrottledRetryableChecker

from byoaws.aws import kinds
from byoaws.aws.kinds import CLOCK_CODES, KIND_OF_CLASS, KIND_OF_CODE
from byoaws.errors import BadCredentials, Throttled


def exceptions_of(module: object) -> set[str]:
    return {
        name
        for name, cls in inspect.getmembers(module, inspect.isclass)
        if issubclass(cls, Exception) and not issubclass(cls, Warning) and cls.__module__ == module.__name__  # type: ignore[attr-defined]
    }


ALL = exceptions_of(botocore.exceptions) | exceptions_of(boto3.exceptions)


def test_every_exception_of_botocore_and_boto3_has_its_kind() -> None:
    assert len(ALL) > 80
    # boto3 exports one class under two names.
    assert ALL - set(KIND_OF_CLASS) - {"DynanmoDBOperationNotSupportedError"} == set()


def test_no_class_is_misspelt_or_gone() -> None:
    elsewhere = {"ResponseParserError"}  # botocore.parsers
    assert set(KIND_OF_CLASS) - ALL - elsewhere == set()


def test_every_throttling_code_that_botocore_knows_is_throttled() -> None:
    codes = ThrottledRetryableChecker._THROTTLED_ERROR_CODES
    assert codes
    assert {code: KIND_OF_CODE.get(code) for code in codes} == dict.fromkeys(codes, Throttled)


def test_a_wrong_clock_is_a_matter_of_credentials() -> None:
    assert {KIND_OF_CODE[code] for code in CLOCK_CODES} == {BadCredentials}


@pytest.mark.parametrize("table", [kinds._CODES, kinds._CLASSES], ids=["codes", "classes"])
def test_nothing_has_two_kinds(table: dict[type, str]) -> None:
    names = [name for row in table.values() for name in row.split()]
    assert sorted(names) == sorted(set(names))
