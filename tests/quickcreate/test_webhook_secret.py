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
