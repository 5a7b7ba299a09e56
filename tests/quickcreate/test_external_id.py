"""ExternalIds: fresh, large enough, and never what AWS would refuse. AWS's own words come from botocore."""

import re
import secrets
import string

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.errors import UsageError
from byoaws.quickcreate import external_id

SHAPE = botocore.session.get_session().get_service_model("sts").shape_for("externalIdType").metadata
ALLOWED = string.ascii_letters + string.digits + "_+=,.@:/-"


def aws_allows(text: str) -> bool:
    return SHAPE["min"] <= len(text) <= SHAPE["max"] and re.fullmatch(SHAPE["pattern"], text, re.ASCII) is not None


def test_the_limits_are_those_of_aws() -> None:
    assert (SHAPE["min"], SHAPE["max"]) == (2, external_id.MAXIMUM_LENGTH)


@given(prefix=st.text(ALLOWED, max_size=40), size=st.integers(24, 200))
def test_a_minted_one_is_allowed_and_carries_its_bytes(prefix: str, size: int) -> None:
    minted = external_id.mint(prefix=prefix, size=size)
    assert aws_allows(minted)
    assert minted.startswith(prefix)
    random = bytes.fromhex(minted.removeprefix(prefix))
    assert len(random) == size
    assert len(random) * 8 >= 192


def test_every_byte_comes_from_the_systems_random_source(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int | None] = []
    monkeypatch.setattr(secrets, "token_hex", lambda count: asked.append(count) or "ab" * count)
    assert external_id.mint() == "ab" * 24
    assert asked == [24]


def test_no_two_are_the_same() -> None:
    assert len({external_id.mint() for _ in range(500)}) == 500


@pytest.mark.parametrize("size", [0, 1, 16, 23])
def test_too_few_bytes(size: int) -> None:
    with pytest.raises(UsageError, match="at least 24 random bytes"):
        external_id.mint(size=size)


@pytest.mark.parametrize("prefix", ["a b", "ä", "a*", "a\n", "x" * 1177])
def test_a_prefix_aws_does_not_allow(prefix: str) -> None:
    with pytest.raises(UsageError, match="is not an ExternalId AWS allows"):
        external_id.mint(prefix=prefix)


@given(st.one_of(st.text(max_size=8), st.text(ALLOWED, max_size=8), st.integers(1220, 1228).map(lambda n: "x" * n)))
def test_what_is_checked_is_what_aws_allows(text: str) -> None:
    try:
        assert external_id.check(text) == text
        assert aws_allows(text)
    except UsageError:
        assert not aws_allows(text)


@pytest.mark.parametrize("text", ["0123456789abcdef\n", "\u0663\u0663\u0663", "\uff21\uff22\uff23", "a\x00b"])
def test_letters_that_only_look_allowed(text: str) -> None:
    with pytest.raises(UsageError):
        external_id.check(text)
