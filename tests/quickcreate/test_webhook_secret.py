"""Webhook secrets in the form that Standard Webhooks libraries take."""

import base64
import re

import pytest
from standardwebhooks.webhooks import Webhook

from byoaws.quickcreate import webhook_secret


def test_a_minted_secret_is_one_for_the_libraries_and_for_the_template() -> None:
    minted = webhook_secret.mint()
    assert webhook_secret.PATTERN.fullmatch(minted)
    assert len(base64.b64decode(minted.removeprefix("whsec_"), validate=True)) == 32
    Webhook(minted)


def test_no_two_are_the_same() -> None:
    assert len({webhook_secret.mint() for _ in range(500)}) == 500


@pytest.mark.parametrize(
    ("key", "allowed"),
    [(23, False), (24, True), (32, True), (64, True), (65, False)],
    ids=lambda value: str(value),
)
def test_key_lengths_of_the_specification(key: int, allowed: bool) -> None:
    text = "whsec_" + base64.b64encode(bytes(key)).decode()
    assert (webhook_secret.PATTERN.fullmatch(text) is not None) is allowed


def test_the_pattern_means_the_same_to_cloudformation() -> None:
    """CloudFormation's patterns are Java's: no named groups, look-behinds or Unicode classes, so nothing can differ."""
    assert not re.search(r"\(\?|\\[pPwWdDsSbB]", webhook_secret.PATTERN.pattern)


LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ab"


def _secret(size: int, fill: int = 7) -> str:
    return "whsec_" + base64.b64encode(bytes([fill]) * size).decode()


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (_secret(32), (_secret(32),)),
        (_secret(32).rstrip("="), (_secret(32),)),
        (_secret(32).removeprefix("whsec_"), (_secret(32),)),
        (LETTERS, (f"whsec_{LETTERS}",)),
        (f" {_secret(24)}\n\t{_secret(64)} ", (_secret(24), _secret(64))),
        (f"{_secret(32)} {_secret(32).rstrip('=')}", (_secret(32),)),
    ],
    ids=["minted", "unpadded", "bare", "made by a stack", "two", "twice"],
)
def test_keys_in_a_secret(text: str, keys: tuple[str, ...]) -> None:
    assert webhook_secret.keys_in(text) == keys


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "whsec_",
        _secret(23),
        _secret(65),
        f"{_secret(32)} {_secret(8)}",
        "hunter2hunter2!",
        '{"key": "hunter2"}',
    ],
    ids=["empty", "blank", "prefix", "short", "long", "one short", "not base64", "json"],
)
def test_what_is_no_key_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(a part of it|a key in it|it is empty)") as refused:
        webhook_secret.keys_in(text)
    assert not any(part in f"{refused.value!r}" for part in text.split() if len(part) > 6)
    assert refused.value.__cause__ is None
